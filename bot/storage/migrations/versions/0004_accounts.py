"""accounts of the console: what is known of a signed-in browser, recovery codes, the history by day"""

import sqlalchemy as sa
from alembic import op

revision = '0004'
down_revision = '0003'


def upgrade() -> None:
    op.drop_table('login')  # nothing but signed-in browsers: they sign in again
    op.create_table(
        'login',
        *_columns_of_0001(),
        sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('last_seen', sa.DateTime(timezone=True), nullable=False),
        sa.Column('agent', sa.String(length=200), nullable=False),
        sa.Column('pending', sa.Boolean(), nullable=False),
        sa.Column('ended', sa.String(length=12), nullable=False),
    )
    op.create_index('ix_login_account_id', 'login', ['account_id'])
    op.create_table(
        'recovery_code',
        sa.Column('id', sa.Integer(), primary_key=True),
        sa.Column('account_id', sa.Integer(), sa.ForeignKey('account.id', ondelete='CASCADE'), nullable=False),
        sa.Column('code_hash', sa.String(length=64), nullable=False),
        sa.Column('used_at', sa.DateTime(timezone=True)),
    )
    op.create_index('ix_recovery_code_account_id', 'recovery_code', ['account_id'])
    op.create_index('ix_change_at', 'change', ['at'])


def downgrade() -> None:
    op.drop_index('ix_change_at', 'change')
    op.drop_table('recovery_code')
    op.drop_table('login')
    op.create_table('login', *_columns_of_0001())


def _columns_of_0001() -> list[sa.Column]:
    return [
        sa.Column('token_hash', sa.String(length=64), primary_key=True),
        sa.Column('account_id', sa.Integer(), sa.ForeignKey('account.id', ondelete='CASCADE'), nullable=False),
        sa.Column('csrf', sa.String(length=32), nullable=False),
        sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    ]
