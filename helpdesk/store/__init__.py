"""Floor 1: the database: schema, migrations and named queries per aggregate."""
