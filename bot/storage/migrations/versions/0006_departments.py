"""territories and units; what departments write; tasks of community workers; publications; webhooks"""

import json

import sqlalchemy as sa
from alembic import op

revision = '0006'
down_revision = '0005'

INT = sa.Integer()
WHEN = sa.DateTime(timezone=True)
TO_TELL = sa.text("told_at IS NULL AND level = 1 AND kind = 'answer'")
DUE = sa.text('next_attempt_at IS NOT NULL')


def words(name: str, length: int = 0) -> sa.Column:
    return sa.Column(name, sa.String(length=length) if length else sa.Text(), nullable=False, server_default='')


def flag(name: str, yes: bool = False) -> sa.Column:
    return sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.true() if yes else sa.false())


def when(name: str, empty: bool = True) -> sa.Column:
    return sa.Column(name, WHEN, nullable=empty)


def refers(name: str, to: str, kind: sa.types.TypeEngine, *, cascade: bool = False, **more: bool) -> sa.Column:
    key = sa.ForeignKey(to, ondelete='CASCADE' if cascade else None)
    return sa.Column(name, kind, key, **{'nullable': False, **more})


def added() -> dict[str, list[sa.Column]]:
    return {
        'account': [words('unit', 40), words('territory', 40)],
        'assignment': [words('unit', 40), sa.Column('step', sa.Integer(), nullable=False, server_default='0'),
                       when('accepted_at'), when('answered_at')],
        'attachment': [sa.Column('by', sa.String(length=40), nullable=False, server_default='citizen'),
                       words('name', 120), flag('internal')],
        'provider': [when('suspended_at'), words('suspended_why', 300)],
        'referral': [sa.Column('came', sa.Boolean()), when('reminded_at')],
        'supervision': [when('told_at'), words('reply'), words('written_by', 40), when('reply_due_at')],
        'ticket': [words('street', 40), words('community', 40), words('grid', 40), flag('confidential'),
                   words('reported_by', 40), words('search')],
    }


def tables() -> dict[str, list]:
    return {
        'unit': [sa.Column('code', sa.String(length=40), primary_key=True), words('department', 32),
                 words('territory', 40), words('name_zh', 60), words('name_en', 100), flag('removed'),
                 sa.UniqueConstraint('department', 'territory')],
        'chat_link': [refers('account_id', 'account.id', INT, cascade=True),
                      sa.Column('code_hash', sa.String(length=64), nullable=False, unique=True),
                      when('expires_at', False),
                      refers('conversation_id', 'conversation.id', sa.String(length=32), cascade=True, nullable=True,
                             unique=True), when('linked_at')],
        'disposal': [refers('ticket_id', 'ticket.id', INT), refers('assignment_id', 'assignment.id', INT),
                     when('at', False), words('by', 40), words('upheld', 8), flag('out_of_remit'), when('contacted_at'),
                     words('resolved', 8), words('unresolved_reason'), words('account'), words('public_answer')],
        'answer_template': [words('department', 32), words('item', 48), words('title', 60), words('text'),
                            flag('removed')],
        'ticket_note': [refers('ticket_id', 'ticket.id', INT), words('department', 32), words('by', 40),
                        when('at', False), words('text')],
        'grid_task': [refers('ticket_id', 'ticket.id', INT), refers('account_id', 'account.id', INT),
                      words('asked_by', 40), when('asked_at', False), words('words'), words('state', 8), words('report'), when('reported_at')],
        'publication': [refers('ticket_id', 'ticket.id', INT, unique=True), words('item', 48), words('department', 32),
                        words('street', 40), words('question'), words('answer'), words('released_by', 40),
                        when('released_at', False), words('withdrawn_by', 40), when('withdrawn_at')],
        'webhook': [words('url', 500), words('secret', 80), sa.Column('events', sa.JSON(), nullable=False),
                    flag('active', yes=True), words('created_by', 40),
                    when('created_at', False), when('failing_since')],
        'webhook_delivery': [refers('webhook_id', 'webhook.id', INT, cascade=True),
                             sa.Column('key', sa.String(length=40), nullable=False, unique=True), words('event', 40),
                             sa.Column('body', sa.JSON(), nullable=False), when('created_at', False),
                             when('next_attempt_at'), sa.Column('attempts', INT, nullable=False, server_default='0'),
                             when('delivered_at'), when('failed_at'), words('response', 200)],
    }


INDEXES = [
    ('unit', 'department'), ('unit', 'territory'), ('chat_link', 'account_id'), ('disposal', 'ticket_id'),
    ('disposal', 'assignment_id'), ('answer_template', 'department'), ('ticket_note', 'ticket_id'),
    ('grid_task', 'ticket_id'), ('grid_task', 'account_id'), ('publication', 'released_at'),
    ('webhook_delivery', 'webhook_id'), ('assignment', 'unit'), ('referral', 'provider_id'), ('ticket', 'received_at'),
    ('ticket', 'answered_at'), ('ticket', 'closed_at'),
]


def upgrade() -> None:
    for table, columns in added().items():
        for column in columns:
            op.add_column(table, column)
    for table, columns in tables().items():
        own = [] if table == 'unit' else [sa.Column('id', sa.Integer(), primary_key=True)]
        op.create_table(table, *own, *columns)
    for table, column in INDEXES:
        op.create_index(f'ix_{table}_{column}', table, [column])
    op.create_index('ix_ticket_street_state', 'ticket', ['street', 'state'])
    op.create_index('ix_webhook_delivery_due', 'webhook_delivery', ['next_attempt_at'], postgresql_where=DUE,
                    sqlite_where=DUE)
    op.create_index('ix_supervision_to_tell', 'supervision', ['id'], postgresql_where=TO_TELL, sqlite_where=TO_TELL)
    _retype(80)
    _locate()
    if op.get_bind().dialect.name == 'postgresql':
        op.execute("CREATE INDEX ix_ticket_search ON ticket USING gin (array_to_tsvector(string_to_array(search, ' ')))")


def _retype(length: int) -> None:
    """An office paper's media type is 71 characters long."""
    with op.batch_alter_table('attachment') as table:
        table.alter_column('media_type', existing_type=sa.String(length=120 - length), type_=sa.String(length=length),
                           existing_nullable=False)


def _locate() -> None:
    """Tickets that are there already get the territories of their place, and the marks they are found by."""
    from bot.domain.searching import marks

    ticket = sa.table('ticket', *(sa.column(name) for name in
                                  ('id', 'number', 'description', 'place', 'street', 'community', 'search')))
    columns = (ticket.c.id, ticket.c.number, ticket.c.description, ticket.c.place)
    for key, number, description, place in op.get_bind().execute(sa.select(*columns)).all():
        known = place if isinstance(place, dict) else json.loads(place or '{}')
        op.execute(sa.update(ticket).where(ticket.c.id == key).values(
            street=known.get('street') or '', community=known.get('community') or '',
            search=marks(f"{description} {known.get('text') or ''}", number)))


def downgrade() -> None:
    _retype(40)
    if op.get_bind().dialect.name == 'postgresql':
        op.execute('DROP INDEX ix_ticket_search')
    op.drop_index('ix_ticket_street_state', 'ticket')
    op.drop_index('ix_supervision_to_tell', 'supervision')
    for table in reversed(tables()):
        op.drop_table(table)
    for table, column in INDEXES:
        if table in added():
            op.drop_index(f'ix_{table}_{column}', table)
    for table, columns in added().items():
        for column in columns:
            op.drop_column(table, column.name)
