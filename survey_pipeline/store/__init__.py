"""Where the data lives: tables, engine, migrations, and the encrypted phone column."""
