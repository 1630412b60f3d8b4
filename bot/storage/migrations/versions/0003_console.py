"""the operators' console: presence, teams, canned replies, notes, corrections, settings, soft deletion"""

import sqlalchemy as sa
from alembic import op

revision = '0003'
down_revision = '0002'

REMOVABLE = ('provider', 'territory', 'catalogue_row')


def upgrade() -> None:
    for column in (
        sa.Column('presence', sa.String(length=6), nullable=False, server_default='off'),
        sa.Column('presence_since', sa.DateTime(timezone=True)),
        sa.Column('capacity', sa.Integer(), nullable=False, server_default='4'),
        sa.Column('totp_secret', sa.String(length=64), nullable=False, server_default=''),
        sa.Column('totp_on', sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column('totp_last', sa.Integer(), nullable=False, server_default='0'),
    ):
        op.add_column('account', column)
    for column in (
        sa.Column('warned_at', sa.DateTime(timezone=True)),
        sa.Column('team', sa.String(length=32), nullable=False, server_default=''),
        sa.Column('item', sa.String(length=48), nullable=False, server_default=''),
        sa.Column('brief', sa.JSON(), nullable=False, server_default='{}'),
        sa.Column('offered_to', sa.Integer()),
        sa.Column('offered_at', sa.DateTime(timezone=True)),
        sa.Column('outcome', sa.String(length=12), nullable=False, server_default=''),
    ):
        op.add_column('handoff', column)
    for column in (
        sa.Column('seen_by_citizen', sa.Integer(), nullable=False, server_default='0'),
        sa.Column('seen_by_staff', sa.Integer(), nullable=False, server_default='0'),
        sa.Column('merged_into', sa.String(length=32), nullable=False, server_default=''),
        sa.Column('phone', sa.String(length=24), nullable=False, server_default=''),
    ):
        op.add_column('conversation', column)
    op.create_index('ix_conversation_phone', 'conversation', ['phone'])
    with op.batch_alter_table('referral') as referral:  # sent by an operator: no message of the citizen chose it
        referral.alter_column('chosen_by', existing_type=sa.Integer(), nullable=True)
    for table in REMOVABLE:
        op.add_column(table, sa.Column('removed', sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        'team',
        sa.Column('code', sa.String(length=32), primary_key=True),
        sa.Column('name_zh', sa.String(length=40), nullable=False),
        sa.Column('name_en', sa.String(length=60), nullable=False),
        sa.Column('topics', sa.JSON(), nullable=False),
        sa.Column('removed', sa.Boolean(), nullable=False),
    )
    op.create_table(
        'team_member',
        sa.Column('team', sa.String(length=32), sa.ForeignKey('team.code', ondelete='CASCADE'), primary_key=True),
        sa.Column('account_id', sa.Integer(), sa.ForeignKey('account.id', ondelete='CASCADE'), primary_key=True),
    )
    op.create_index('ix_team_member_account_id', 'team_member', ['account_id'])
    op.create_table(
        'canned_reply',
        sa.Column('id', sa.Integer(), primary_key=True),
        sa.Column('shortcut', sa.String(length=24), nullable=False, unique=True),
        sa.Column('title', sa.String(length=60), nullable=False),
        sa.Column('text_zh', sa.Text(), nullable=False),
        sa.Column('text_en', sa.Text(), nullable=False),
        sa.Column('team', sa.String(length=32), nullable=False),
        sa.Column('removed', sa.Boolean(), nullable=False),
    )
    op.create_table(
        'staff_note',
        sa.Column('id', sa.Integer(), primary_key=True),
        sa.Column('conversation_id', sa.String(length=32), sa.ForeignKey('conversation.id', ondelete='CASCADE'),
                  nullable=False),
        sa.Column('account_id', sa.Integer()),
        sa.Column('author', sa.String(length=40), nullable=False),
        sa.Column('text', sa.Text(), nullable=False),
        sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index('ix_staff_note_conversation_id', 'staff_note', ['conversation_id'])
    op.create_table(
        'correction',
        sa.Column('id', sa.Integer(), primary_key=True),
        sa.Column('message_id', sa.Integer(), sa.ForeignKey('message.id', ondelete='CASCADE'), nullable=False,
                  unique=True),
        sa.Column('heard', sa.String(length=48), nullable=False),
        sa.Column('right', sa.String(length=48), nullable=False),
        sa.Column('account_id', sa.Integer()),
        sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        'setting',
        sa.Column('key', sa.String(length=32), primary_key=True),
        sa.Column('value', sa.JSON(), nullable=False),
    )
    op.create_table(
        'special_day',
        sa.Column('day', sa.Date(), primary_key=True),
        sa.Column('working', sa.Boolean(), nullable=False),
        sa.Column('name', sa.String(length=40), nullable=False),
    )


def downgrade() -> None:
    for table in ('special_day', 'setting', 'correction', 'staff_note', 'canned_reply', 'team_member', 'team'):
        op.drop_table(table)
    for table in REMOVABLE:
        op.drop_column(table, 'removed')
    op.drop_index('ix_conversation_phone', 'conversation')
    with op.batch_alter_table('referral') as referral:
        referral.alter_column('chosen_by', existing_type=sa.Integer(), nullable=False)
    for column in ('seen_by_citizen', 'seen_by_staff', 'merged_into', 'phone'):
        op.drop_column('conversation', column)
    for column in ('warned_at', 'team', 'item', 'brief', 'offered_to', 'offered_at', 'outcome'):
        op.drop_column('handoff', column)
    for column in ('presence', 'presence_since', 'capacity', 'totp_secret', 'totp_on', 'totp_last'):
        op.drop_column('account', column)
