create or replace function lsh_internal.assert_kind(kind text)
  returns void
  language plpgsql immutable parallel safe
  set search_path = pg_catalog, pg_temp
as $$
begin
  if kind is null or kind not in ('kernel', 'cosine', 'sign', 'itq', 'qary', 'residual', 'scalar') then
    raise exception 'invalid kind of hash family "%"', coalesce(kind, 'null')
      using errcode = 'invalid_parameter_value', hint = 'The kinds are: kernel, cosine, sign, itq, qary, residual, scalar.';
  end if;
end
$$;

comment on function lsh_internal.assert_kind(text) is 'Raises unless this is a kind of hash family.';

create or replace function lsh_internal.learned(kind text)
  returns boolean
  language sql immutable parallel safe
begin atomic
  select kind in ('itq', 'residual', 'scalar');
end;

comment on function lsh_internal.learned(text) is
  'Whether "pg-lsh family create" learns families of that kind from their data; SQL draws the other kinds at random.';

create or replace function lsh_internal.misfits(kind text, scale float8)
  returns boolean
  language sql immutable parallel safe
begin atomic
  select kind in ('kernel', 'cosine') and scale not between 0.6 and 1.45;
end;

comment on function lsh_internal.misfits(text, float8) is
  'Whether the neighbour radius, in widths of the kernel, lies outside the range in which codes of that kind tell distances apart.';

create or replace function lsh_internal.estimates(kind text)
  returns boolean
  language sql immutable parallel safe
begin atomic
  select kind in ('sign', 'itq', 'residual', 'scalar');
end;

comment on function lsh_internal.estimates(text) is
  'Whether codes of that kind estimate distances. Their code tables hold two more numbers for each row.';

create or replace function lsh_internal.within_cells(kind text)
  returns boolean
  language sql immutable parallel safe
begin atomic
  select kind in ('residual', 'scalar');
end;

comment on function lsh_internal.within_cells(text) is
  'Whether codes of that kind describe residuals within cells. They are comparable only by the distances that they estimate, not by the bits in which they differ.';

create or replace function lsh_internal.query_planes(kind text)
  returns int
  language sql immutable parallel safe
begin atomic
  select case kind when 'scalar' then 12 else 3 end;
end;

comment on function lsh_internal.query_planes(text) is
  'Number of bits to which the margins of a query are rounded. Kind scalar needs more, because the weights of its bits differ by large factors.';

create or replace function lsh_internal.curve(kind text, figures lsh.calibration)
  returns jsonb
  language sql immutable parallel safe
begin atomic
  select jsonb_agg(
    jsonb_build_object(
      'distance', factor * figures.radius,
      'hamming', lsh.expected_hamming(kind, factor * figures.radius, figures.bandwidth, figures.mean_distance))
    order by factor)
  from unnest(array[0.25, 0.5, 0.75, 1, 1.5, 2, 3, 4]::float8[]) as factor
  where figures.radius is not null;
end;

comment on function lsh_internal.curve(text, lsh.calibration) is
  'Expected share of differing bits at multiples of the neighbour radius.';
