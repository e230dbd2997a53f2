-- name: stand^
-- What is the most or the least that the target allows, how does the actual stand to it, and is the
-- target met, exceeded, missed, on its way, off it, or is it too early to say? rule says what
-- decided. base_part is the base up to the day of the actual: of the whole base once the period is
-- over. low and high are the ends of the interval in which the end should lie.
with
    given as (
        select
            :actual::numeric as actual,
            :amount::numeric as amount,
            :base::numeric as base,
            :base_part::numeric as base_part,
            :low::numeric as low,
            :high::numeric as high,
            1 - :percent::numeric / 100 as less,
            1 + :percent::numeric / 100 as more,
            :kind in ('reduce', 'raise') as strict,
            :kind in ('reduce', 'raise', 'eliminate', 'keep-within') as only_met
    ),
    bound as (
        select
            given.*,
            case
                :kind
                when 'reduce-by-percent'
                then base * less
                when 'reduce-to'
                then amount
                when 'reduce'
                then base
                when 'eliminate'
                then 0
                when 'rank'
                then :rank::numeric
                when 'keep-within'
                then :ceiling::numeric
            end as ceiling,
            case
                :kind
                when 'raise-by-percent'
                then base * more
                when 'raise-to'
                then amount
                when 'save'
                then amount
                when 'raise'
                then base
                when 'keep-within'
                then :floor::numeric
            end as floor
        from given
    ),
    aimed as (select bound.*, coalesce(ceiling, floor) as aim from bound),
    placed as (
        select
            aimed.*,
            coalesce(actual > ceiling or strict and actual = ceiling, false) as above,
            coalesce(actual < floor or strict and actual = floor, false) as below,
            coalesce(
                low > ceiling
                or strict
                and low = ceiling
                or high < floor
                or strict
                and high = floor,
                false
            ) as ends_beyond,
            coalesce(high < ceiling or not strict and high = ceiling, ceiling is null)
            and coalesce(low > floor or not strict and low = floor, floor is null) as ends_within
        from aimed
    ),
    decided as (
        select
            placed.*,
            case
                when actual is null
                then 'unobserved'
                when
                    :kind in ('reduce-by-percent', 'raise-by-percent', 'reduce', 'raise')
                    and not :base_complete
                then 'unbounded'
                when :over and not :known
                then 'incomplete'
                when :over and (above or below)
                then 'missed'
                when :over and (only_met or actual = coalesce(ceiling, floor))
                then 'met'
                when :over
                then 'exceeded'
                when :additive and above
                then 'missed before the end'
                when :additive and ceiling is null and not below
                then
                    case when only_met or actual = floor then 'met' else 'exceeded' end
                    || ' before the end'
                when not :known
                then 'incomplete'
                when :days_known * 4 < :days
                then 'early'
                when low is null
                then 'no interval'
                when ends_within
                then 'on_track'
                when ends_beyond
                then 'off_track'
                else 'open'
            end as decision
        from placed
    )
select
    ceiling,
    floor,
    aim - actual as distance,
    case
        when base_part > 0 and (not :additive or least(actual, base_part) >= 50)
        then round(100 * (actual - base_part) / base_part, 1)
    end as percent_so_far,
    case
        when base_part > 0 and base <> aim
        then round(100 * (base_part - actual) * base / (base_part * (base - aim)), 1)
    end as share_of_the_way,
    case when :additive then round(actual / :days_known, 2) end as run_rate,
    case
        when :additive and :days > :days_known
        then round((aim - actual) / (:days - :days_known), 2)
    end as required_run_rate,
    case
        when decision in ('unobserved', 'unbounded', 'incomplete', 'early', 'no interval', 'open')
        then 'too_early'
        else replace(decision, ' before the end', '')
    end as status,
    formula.says
    || '; '
    || case
        decision
        when 'unobserved'
        then 'too_early: ' || :reason
        when 'unbounded'
        then 'too_early while the base period is incomplete'
        when 'incomplete'
        then 'too_early while the period is incomplete: not everything is known of it'
        when 'missed before the end'
        then 'missed already: the count to date has passed the ceiling'
        when 'met before the end'
        then 'met already: the count to date has reached the floor'
        when 'exceeded before the end'
        then 'exceeded already: the count to date has passed the floor'
        when 'early'
        then 'too_early while less than a quarter of the days is known'
        when 'no interval'
        then 'too_early: no projection of the end has an interval'
        when 'on_track'
        then
            'on_track: all of the 80 per cent interval of the projection ('
            || :method
            || ') meets it'
        when 'off_track'
        then
            'off_track: none of the 80 per cent interval of the projection ('
            || :method
            || ') meets it'
        when 'open'
        then
            'too_early: the 80 per cent interval of the projection ('
            || :method
            || ') lies on both sides'
        else decision || ' at the end of the period'
    end as rule
from decided
join
    (
        values
            (
                'reduce-by-percent',
                'ceiling = base × (1 − percent / 100);'
                || ' exceeded below it, met on it, missed above it'
            ),
            ('reduce-to', 'ceiling = amount; exceeded below it, met on it, missed above it'),
            (
                'raise-by-percent',
                'floor = base × (1 + percent / 100);'
                || ' exceeded above it, met on it, missed below it'
            ),
            ('raise-to', 'floor = amount; exceeded above it, met on it, missed below it'),
            ('save', 'floor = amount; exceeded above it, met on it, missed below it'),
            (
                'reduce',
                'ceiling = base; met below it, missed on it or above;'
                || ' without a number nothing is exceeded'
            ),
            (
                'raise',
                'floor = base; met above it, missed on it or below;'
                || ' without a number nothing is exceeded'
            ),
            ('eliminate', 'ceiling = 0; met on it, missed above it'),
            (
                'rank',
                'ceiling = rank; exceeded by a smaller rank, met on it, missed by a larger one'
            ),
            ('keep-within', 'met from floor to ceiling, both of them in, missed outside')
    ) as formula(kind, says)
    on formula.kind = :kind
;

-- name: milestones
-- Was each milestone reached: at most so many by that day where the target has a ceiling, at least
-- so many where it has a floor?
select
    milestone."on",
    milestone.amount,
    milestone.actual,
    case
        when milestone.actual is null
        then 'too_early'
        when milestone.actual = milestone.amount
        then 'met'
        when (milestone.actual < milestone.amount) = (:ceiling::numeric is not null)
        then 'exceeded'
        else 'missed'
    end as status
from jsonb_to_recordset(:milestones) as milestone("on" date, amount numeric, actual numeric)
order by milestone."on"
;
