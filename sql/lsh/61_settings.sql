-- How many buckets a search visits and how many codes it re-ranks, by the settings of its index.

create or replace function lsh_internal.grown(measured int[], setting int, bend float8, usual float8, k float8)
  returns float8
  language sql immutable parallel safe
  -- Both settings for ten neighbours come first, then those for a hundred.
  return case
    when measured[setting + 2] is null then measured[setting] * (k / 10::float8) ^ usual
    when k < 100::float8 then measured[setting] * (measured[setting + 2]::float8 / measured[setting]) ^ (log(k / 10::float8) ^ bend)
    else measured[setting + 2] * (k / 100::float8) ^ greatest(1::float8, log(measured[setting + 2]::float8 / measured[setting]))
  end;

comment on function lsh_internal.grown(int[], int, float8, float8, float8) is
  'A measured setting for k > 10 neighbours: in logarithms a bent curve from its value for ten to that for a hundred, then a line, at least in proportion to k; without that value, by a usual power.';

create or replace function lsh_internal.candidates_for(settings text, candidates int, measured int[], k float8)
  returns int
  language sql immutable parallel safe
  return case
    when settings = 'measured' and k > 10::float8 then least(1000000, ceil(greatest(k, lsh_internal.grown(measured, 2, 1, 1, k))))
    else greatest(candidates, k)
  end::int;

comment on function lsh_internal.candidates_for(text, int, int[], float8) is
  'Number of candidates of a search for k neighbours, by the settings of its index.';

create or replace function lsh_internal.probes_for(settings text, probes int, measured int[], k float8)
  returns int
  language sql immutable parallel safe
  return case when settings = 'measured' and k > 10::float8 then least(65536, ceil(lsh_internal.grown(measured, 1, 1.5, 0.5, k)))::int else probes end;

comment on function lsh_internal.probes_for(text, int, int[], float8) is
  'Number of probes of a search for k neighbours, by the settings of its index.';

create or replace function lsh_internal.probes_among(index lsh.index, k int, passing float8)
  returns int
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
begin
  -- The nearest k rows that pass lie in as many buckets as the nearest k / passing of all rows.
  return least(65536, case index.settings
    when 'measured' then lsh_internal.probes_for(index.settings, index.probes, index.measured, greatest(10, k) / passing)
    else index.probes / sqrt(passing)
  end);
end
$$;

comment on function lsh_internal.probes_among(lsh.index, int, float8) is
  'Number of probes of a search for k of the rows that pass, by the share of rows that pass.';
