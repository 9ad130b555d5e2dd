-- Chooses the kind of family whose codes find most neighbours in a sample of a table, among the kinds that SQL draws.
-- The client also measures kinds that it learns.

create or replace function lsh_internal.dice_of_kind(rests @vector@.vector[], asking int, kind text, bits int, seed int, width float8)
  returns float8
  language plpgsql immutable
  set search_path = pg_catalog, pg_temp set jit = off
as $$
declare
  weights @vector@.vector[];
  phases float8[];
  margins @vector@.vector[];
  signs @vector@.vector[];
begin
  select array_agg(drawn.weight order by drawn.ordinal), array_agg(drawn.phase order by drawn.ordinal)
  into weights, phases
  from lsh_internal.code_directions(kind, @vector@.vector_dims(rests[1]), bits, seed, width, 2) as drawn;
  margins := array(
    select array(
      select case kind
        when 'sign' then @vector@.inner_product(direction.weight, element.rest)
        else cos(@vector@.inner_product(direction.weight, element.rest) + direction.phase) end
      from unnest(weights, phases) with ordinality as direction (weight, phase, ordinal)
      order by direction.ordinal)::@vector@.vector
    from unnest(rests) with ordinality as element (rest, number)
    order by element.number);
  signs := array(
    select array(
      select case when part.margin > 0 then 1 else -1 end
      from unnest(element.margins::real[]) with ordinality as part (margin, ordinal)
      order by part.ordinal)::@vector@.vector
    from unnest(margins) with ordinality as element (margins, number)
    order by element.number);
  -- Ranks codes as a search does: by the margins of the query, and for kind sign by the estimated squared distance.
  return (
    with element as materialized (
      select element.*, @vector@.vector_norm(element.rest) ^ 2 as square,
        coalesce(@vector@.vector_norm(element.rest) ^ 2 / nullif(@vector@.inner_product(element.margin, element.sign), 0), 0) as scale
      from unnest(rests, margins, signs) with ordinality as element (rest, margin, sign, number)
    ),
    pair as (
      select asked.number as query, other.number as other, @vector@.l2_distance(asked.rest, other.rest) as distance,
        case kind when 'sign' then other.square - 2 * other.scale * @vector@.inner_product(asked.margin, other.sign)
          else -@vector@.inner_product(asked.margin, other.sign) end as rank
      from element as asked
        join element as other on other.number > asking
      where asked.number <= asking
    ),
    listed as (
      select
        row_number() over (partition by pair.query order by pair.distance, pair.other) <= 10 as is_near,
        row_number() over (partition by pair.query order by pair.rank, pair.other) <= 10 as is_found
      from pair
    )
    select count(*) filter (where listed.is_near and listed.is_found) / (10 * asking::float8) from listed);
end
$$;

comment on function lsh_internal.dice_of_kind(@vector@.vector[], int, text, int, int, float8) is
  'Dice score of a kind: the first rows of a centred sample are queries for their ten nearest among the other rows, whose codes are ranked as a search ranks them.';

create or replace function lsh_internal.dice_by_kind(sample @vector@.vector[], bits int, seed int, radius float8)
  returns jsonb
  language plpgsql immutable
  set search_path = pg_catalog, pg_temp
as $$
declare
  -- More rows, more elements in all, or longer codes do not separate the kinds better.
  rows constant @vector@.vector[] := sample[: greatest(100, least(1000, 500000 / coalesce(@vector@.vector_dims(sample[1]), 1)))];
  length constant int := least(bits, 256);
  mean @vector@.vector;
  rests @vector@.vector[];
begin
  -- Few rows, or rows that are all equal, cannot separate the kinds. Near the limits of 4-byte numbers only kind sign
  -- works, which is the choice of lsh_internal.best_kind for no scores.
  if cardinality(rows) < 40 or radius is null
    or (select max(@vector@.vector_norm(element)) from unnest(rows) as element) > 1e15 or radius < 1e-15
  then
    return '{}';
  end if;
  mean := (select @vector@.avg(element) from unnest(rows) as element);
  rests := array(
    select lsh_internal.difference(element, mean) from unnest(rows) with ordinality as one (element, number) order by number);
  return (
    select jsonb_object_agg(measured.kind, round(measured.dice::numeric, 4))
    from (
      select kind, lsh_internal.dice_of_kind(rests, cardinality(rows) / 10, kind, length, seed, (0.75 / radius) ^ 2) as dice
      from unnest(array['sign', 'cosine']) as kind
    ) as measured);
end
$$;

comment on function lsh_internal.dice_by_kind(@vector@.vector[], int, int, float8) is
  'Dice scores of the kinds that SQL chooses from; an empty object if the sample cannot separate them.';

create or replace function lsh_internal.best_kind(dice jsonb)
  returns text
  language sql immutable parallel safe
begin atomic
  -- Kind sign wins a tie: its codes are searched faster, and it has no bandwidth that later rows may not fit.
  select coalesce((
    select each.kind from jsonb_each_text(dice) as each (kind, value)
    order by each.value::float8 desc, each.kind <> 'sign'
    limit 1), 'sign');
end;

comment on function lsh_internal.best_kind(jsonb) is 'Kind with the highest Dice score; sign if there are no scores.';
