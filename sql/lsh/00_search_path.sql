-- Doors are created with "set search_path from current", which keeps what is set here: the catalogue
-- and the schema that pgvector was installed into, wherever that is. A fixed list would miss its types.
select set_config('search_path', format('pg_catalog, %I, pg_temp', pg_namespace.nspname), true)
from pg_extension
  join pg_namespace on pg_namespace.oid = pg_extension.extnamespace
where pg_extension.extname = 'vector';
