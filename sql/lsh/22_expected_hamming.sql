create or replace function lsh_internal.crossing(angle float8, threshold float8)
  returns float8
  language sql immutable parallel safe
begin atomic
  -- Integrates the derivative by the angle, which has this closed form; 64 midpoints are exact to 1e-6. exp raises an
  -- underflow error below -708.
  select avg(exp(greatest(-700, -(threshold ^ 2) / (1 + cos(angle * (step + 0.5) / 64))))) * angle / pi()
  from generate_series(0, 63) as step;
end;

comment on function lsh_internal.crossing(float8, float8) is
  'Probability that exactly one of two standard normal numbers, whose correlation is the cosine of the angle, exceeds the threshold.';

create or replace function lsh.expected_hamming(
  kind text,
  distance float8,
  bandwidth float8 default null,
  mean_distance float8 default null,
  levels int default 4
)
  returns float8
  language sql immutable parallel safe
begin atomic
  select case
    -- The limit of both series, which would need many terms. exp raises an underflow error below -708.
    when kind in ('kernel', 'cosine') and scaled.s < 0.01 then scaled.s * sqrt(2 / pi()) / pi()
    when kind = 'kernel' then (
      select 4 / pi() ^ 2 * (1 - 2 * sum(exp(greatest(-700, -((m * scaled.s) ^ 2) / 2)) / (4 * m ^ 2 - 1)))
      from generate_series(1, ceil(9 / scaled.s)::int) as m)
    when kind = 'cosine' then (
      select 0.5 - 4 / pi() ^ 2 * sum(exp(greatest(-700, -((m * scaled.s) ^ 2) / 2)) / m ^ 2)
      from generate_series(1, 2 * ceil(9 / scaled.s)::int, 2) as m)
    when kind in ('sign', 'itq') then scaled.angle / pi()
    when kind = 'qary' then (
      select avg(lsh_internal.crossing(scaled.angle,
        (level - levels / 2.0 + (part + 0.5) / 8 - 0.5) / nullif(sqrt(bandwidth / 2) * mean_distance, 0)))
      from generate_series(1, levels - 1) as level
        cross join generate_series(0, 7) as part)
  end
  from (
    select
      sqrt(bandwidth) * distance as s,
      -- Null if all rows are equal or a figure is missing: greatest would ignore a null argument.
      case when distance / nullif(mean_distance, 0) is not null then acos(greatest(-1, 1 - (distance / nullif(mean_distance, 0)) ^ 2)) end as angle
  ) as scaled;
end;

comment on function lsh.expected_hamming(text, float8, float8, float8, int) is
  'Expected share of bits in which the codes of two vectors at a distance differ; null for kinds residual and scalar, and if a figure that the kind needs is missing.';
