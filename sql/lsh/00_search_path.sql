-- Names in these files are looked up in this path alone. A function sets the same path, qualifies every name, or has a
-- standard body, whose names are bound here. So a role that may create objects in another schema cannot put them in
-- place of ours.
-- pgvector may be in any schema, so its names are written with a placeholder, which the installation replaces.
set local search_path = pg_catalog, pg_temp;
