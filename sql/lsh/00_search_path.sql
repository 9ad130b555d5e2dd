-- Names are looked up here and nowhere else while these files are installed, and by every function when it runs
-- (each sets the same path): whoever may create objects in another schema cannot put theirs in place of ours.
-- pgvector may be in any schema, so its names are written with a placeholder, which the installation replaces.
set local search_path = pg_catalog, pg_temp;
