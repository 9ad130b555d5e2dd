-- "create or replace" cannot add output columns to a function, so an earlier version is dropped.
do $$
declare
  earlier regprocedure;
begin
  for earlier in
    select pg_proc.oid
    from pg_proc
    where pronamespace = 'lsh'::regnamespace and proname in ('search', 'nearest') and not 'estimated' = any (proargnames)
  loop
    execute format('drop function %s', earlier);
  end loop;
end
$$;
