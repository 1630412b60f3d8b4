"""who holds a handoff, API tokens too"""

import sqlalchemy as sa
from alembic import op

revision = '0002'
down_revision = '0001'


def upgrade() -> None:
    op.add_column('handoff', sa.Column('holder', sa.String(length=24), nullable=False, server_default=''))
    op.execute("UPDATE handoff SET holder = 'account:' || account_id WHERE state = 'active' AND account_id IS NOT NULL")


def downgrade() -> None:
    op.drop_column('handoff', 'holder')
