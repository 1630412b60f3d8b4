"""clocks of tickets, supervision, more time asked for, merged tickets; a clock for every ticket that is open already"""

from datetime import timedelta

import sqlalchemy as sa
from alembic import op

revision = '0005'
down_revision = '0004'

WHEN = sa.DateTime(timezone=True)
RUNS, OPEN = sa.text('next_at IS NOT NULL'), sa.text('stopped_at IS NULL')


def upgrade() -> None:
    op.add_column('ticket', sa.Column('needs_call', sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column('ticket', sa.Column('merged_into', sa.Integer()))
    op.create_index('ix_ticket_merged_into', 'ticket', ['merged_into'])
    op.add_column('assignment', sa.Column('proposed', sa.String(length=32), nullable=False, server_default=''))
    clock = op.create_table(
        'clock',
        sa.Column('id', sa.Integer(), primary_key=True),
        sa.Column('subject', sa.String(length=12), nullable=False),
        sa.Column('subject_id', sa.Integer(), nullable=False),
        sa.Column('kind', sa.String(length=16), nullable=False),
        sa.Column('department', sa.String(length=32), nullable=False),
        sa.Column('limit_seconds', sa.Integer(), nullable=False),
        sa.Column('notice_seconds', sa.Integer(), nullable=False),
        sa.Column('around_the_clock', sa.Boolean(), nullable=False),
        sa.Column('started_at', WHEN, nullable=False),
        sa.Column('warn_at', WHEN, nullable=False),
        sa.Column('due_at', WHEN, nullable=False),
        sa.Column('supervise_at', WHEN),
        sa.Column('escalate_at', WHEN),
        sa.Column('level', sa.Integer(), nullable=False),
        sa.Column('next_at', WHEN),
        sa.Column('paused_at', WHEN),
        sa.Column('remaining_seconds', sa.Integer()),
        sa.Column('stopped_at', WHEN),
    )
    op.create_index('ix_clock_next_at', 'clock', ['next_at'], postgresql_where=RUNS, sqlite_where=RUNS)
    op.create_index('uq_clock_open', 'clock', ['subject', 'subject_id', 'kind'], unique=True, postgresql_where=OPEN,
                    sqlite_where=OPEN)
    op.create_table(
        'supervision',
        sa.Column('id', sa.Integer(), primary_key=True),
        sa.Column('ticket_id', sa.Integer(), sa.ForeignKey('ticket.id'), nullable=False),
        sa.Column('department', sa.String(length=32), nullable=False),
        sa.Column('kind', sa.String(length=16), nullable=False),
        sa.Column('level', sa.Integer(), nullable=False),
        sa.Column('due_at', WHEN, nullable=False),
        sa.Column('at', WHEN, nullable=False),
        sa.Column('words', sa.Text(), nullable=False),
        sa.Column('acknowledged_at', WHEN),
        sa.Column('acknowledged_by', sa.String(length=40), nullable=False),
    )
    op.create_index('ix_supervision_ticket_id', 'supervision', ['ticket_id'])
    op.create_index('ix_supervision_department_due_at', 'supervision', ['department', 'due_at'])
    op.create_table(
        'extension',
        sa.Column('id', sa.Integer(), primary_key=True),
        sa.Column('ticket_id', sa.Integer(), sa.ForeignKey('ticket.id'), nullable=False),
        sa.Column('department', sa.String(length=32), nullable=False),
        sa.Column('days', sa.Integer(), nullable=False),
        sa.Column('why', sa.Text(), nullable=False),
        sa.Column('asked_by', sa.String(length=40), nullable=False),
        sa.Column('asked_at', WHEN, nullable=False),
        sa.Column('granted', sa.Boolean()),
        sa.Column('decided_by', sa.String(length=40), nullable=False),
        sa.Column('decided_at', WHEN),
        sa.Column('reply', sa.Text(), nullable=False),
    )
    op.create_index('ix_extension_ticket_id', 'extension', ['ticket_id'])
    _start_clocks(clock)


def _start_clocks(clock: sa.Table) -> None:
    """Tickets at work get the deadline they have, without a reminder; answered ones the rest of their week."""
    ticket = sa.table('ticket', sa.column('id'), sa.column('state'), sa.column('received_at', WHEN),
                      sa.column('due_at', WHEN), sa.column('answered_at', WHEN))
    part = sa.table('assignment', sa.column('ticket_id'), sa.column('role'), sa.column('department'))
    lead = sa.select(part.c.department).where(part.c.ticket_id == ticket.c.id, part.c.role == 'lead').limit(1)
    found = op.get_bind().execute(
        sa.select(ticket, lead.scalar_subquery().label('department'))
        .where(ticket.c.state.in_(['dispatched', 'accepted', 'returned', 'answered']))
    ).all()
    rows = [_clock(row) for row in found if row.state != 'answered' or row.answered_at]
    if rows:
        op.bulk_insert(clock, rows)


def _clock(row: sa.Row) -> dict[str, object]:
    answered = row.state == 'answered'
    start = row.answered_at if answered else row.received_at
    due = start + timedelta(days=7) if answered else row.due_at
    warn = due - timedelta(days=4) if answered else due
    return {
        'subject': 'ticket', 'subject_id': row.id, 'kind': 'follow_up' if answered else 'answer',
        'department': (row.department or '') if row.state in ('dispatched', 'accepted') else '',
        'limit_seconds': int((due - start).total_seconds()), 'notice_seconds': int((due - warn).total_seconds()),
        'around_the_clock': answered, 'started_at': start, 'warn_at': warn, 'due_at': due,
        'supervise_at': None if answered else due + timedelta(days=1),
        'escalate_at': None if answered else due + timedelta(days=2),
        'level': 0 if answered else 1, 'next_at': warn if answered else due,
    }


def downgrade() -> None:
    for table in ('extension', 'supervision', 'clock'):
        op.drop_table(table)
    op.drop_column('assignment', 'proposed')
    op.drop_index('ix_ticket_merged_into', 'ticket')
    op.drop_column('ticket', 'merged_into')
    op.drop_column('ticket', 'needs_call')
