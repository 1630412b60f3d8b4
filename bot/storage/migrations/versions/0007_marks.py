"""What tickets are found by stands beside them: a ticket's own row changes at every step."""
import json

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TSVECTOR

revision = '0007'
down_revision = '0006'

MARKS = sa.Text().with_variant(TSVECTOR(), 'postgresql')
WHEN = sa.DateTime(timezone=True)
NOT_ENDED = sa.text("state NOT IN ('closed', 'merged', 'withdrawn')")


def upgrade() -> None:
    op.create_table(
        'ticket_mark',
        sa.Column('ticket_id', sa.Integer(), sa.ForeignKey('ticket.id', ondelete='CASCADE'), primary_key=True,
                  autoincrement=False),
        sa.Column('received_at', WHEN, nullable=False), sa.Column('marks', MARKS, nullable=False))
    _mark()
    op.create_index('ix_ticket_mark_received', 'ticket_mark', ['received_at', 'ticket_id'])
    op.create_index('ix_ticket_live', 'ticket', ['due_at', 'id'], postgresql_where=NOT_ENDED, sqlite_where=NOT_ENDED)
    op.create_index('ix_ticket_contact_phone', 'ticket', ['contact_phone'])
    op.drop_index('ix_ticket_street_state', 'ticket')
    if op.get_bind().dialect.name == 'postgresql':
        op.execute('CREATE INDEX ix_ticket_mark_marks ON ticket_mark USING gin (marks) WITH (fastupdate = off)')
        op.execute('DROP INDEX ix_ticket_search')
    op.drop_column('ticket', 'search')


def _mark() -> None:
    """Tickets that are there already."""
    from bot.storage.ticket_mark import of_row

    link, known = op.get_bind(), sa.MetaData()
    ticket, part, conversation = (sa.Table(name, known, autoload_with=link)
                                  for name in ('ticket', 'assignment', 'conversation'))
    made = sa.table('ticket_mark', sa.column('ticket_id'), sa.column('received_at', WHEN), sa.column('marks', MARKS))
    parts: dict[int, list] = {}
    for row in link.execute(sa.select(part)):
        parts.setdefault(row.ticket_id, []).append(row)
    query = sa.select(ticket, conversation.c.channel).join(conversation, conversation.c.id == ticket.c.conversation_id)
    for row in link.execute(query).all():
        place = row.place if isinstance(row.place, dict) else json.loads(row.place or '{}')
        found = of_row({**row._mapping, 'place': place}, parts.get(row.id, ()), row.channel)
        op.execute(made.insert().values(ticket_id=row.id, received_at=row.received_at, marks=found))


def downgrade() -> None:
    """The words' own marks are found again by the migration that made them."""
    op.add_column('ticket', sa.Column('search', sa.Text(), nullable=False, server_default=''))
    if op.get_bind().dialect.name == 'postgresql':
        op.execute("CREATE INDEX ix_ticket_search ON ticket USING gin (array_to_tsvector(string_to_array(search, ' ')))")
    op.create_index('ix_ticket_street_state', 'ticket', ['street', 'state'])
    op.drop_index('ix_ticket_contact_phone', 'ticket')
    op.drop_index('ix_ticket_live', 'ticket')
    op.drop_table('ticket_mark')
