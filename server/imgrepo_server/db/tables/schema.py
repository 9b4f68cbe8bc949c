"""The metadata that every table belongs to, and what all of them are made with.

Whoever creates or compares tables takes ``metadata`` from ``db.tables``, which has them all.
"""

import sqlalchemy as sa

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite numbers rows by itself only in a column of exactly the type INTEGER.
Key = sa.BigInteger().with_variant(sa.Integer, "sqlite")


@sa.event.listens_for(metadata, "after_create")
def _create_term_index(_: sa.MetaData, connection: sa.Connection, **_options: object) -> None:
    """The terms of every image, which no ``Table`` can describe: see ``db.term_index``."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(
            "CREATE VIRTUAL TABLE IF NOT EXISTS image_terms USING fts5"
            "(terms, content='', columnsize=0, detail=none, tokenize='ascii')"
        )
        # An upload adds a small part to the index. To merge parts in eights costs uploads half of
        # what merging them in fours does, and costs searches little.
        connection.exec_driver_sql(
            "INSERT INTO image_terms (image_terms, rank) VALUES ('automerge', 8)"
        )
