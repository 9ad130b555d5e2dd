-- Drops the routines that these files no longer define: an old signature beside a new one would make calls ambiguous.
-- Those that they do define were written by this transaction. An extension has no schema cbir.
do $$
declare
  stale regprocedure;
begin
  for stale in
    select pg_proc.oid
    from pg_proc
      join pg_namespace on pg_namespace.oid = pronamespace
    where nspname in ('lsh', 'lsh_internal', 'cbir')
      and pg_proc.xmin <> pg_current_xact_id()::xid
  loop
    execute format('drop routine %s', stale);
  end loop;
  -- Creates the functions that keep the statements of indexes again. In the script of an extension they would belong to
  -- the extension: there lsh.mend_index creates them.
  if not exists (select from pg_extension where extname = 'pg_lsh') then
    perform lsh_internal.keep_finder(index.id) from lsh.index;
  end if;
end
$$;
