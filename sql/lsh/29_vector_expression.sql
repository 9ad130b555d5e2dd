create or replace function lsh_internal.as_vector(relation regclass, "column" name, alias text)
  returns text
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
begin
  -- A vector as it stands, so that nothing is called for each row. With the arguments of the cast, whatever casts there are.
  return format(
    case
      when exists (
        select from pg_attribute
        where attrelid = relation and attname = "column" and atttypid = '@vector@.halfvec'::regtype)
        then '@vector@.halfvec_to_vector(%I.%I, -1, true)'
      else '%I.%I'
    end,
    alias, "column");
end
$$;

comment on function lsh_internal.as_vector(regclass, name, text) is
  'Expression for a column of vectors as a vector, of a table that the statement calls by an alias: halfvec is converted, which loses nothing.';

create or replace function lsh_internal.vector_expression(index lsh.index, alias text)
  returns text
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
begin
  return lsh_internal.as_vector(index.relation, index.vector_column, alias);
end
$$;

comment on function lsh_internal.vector_expression(lsh.index, text) is
  'Expression for the vectors of an index, of its table under an alias; in a trigger also of a transition table.';
