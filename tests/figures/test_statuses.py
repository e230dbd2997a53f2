"""What has to be said of a value before it is quoted: provisional, revised, estimated, withheld, break,
incomplete."""

import csv
import io
from datetime import UTC, date, datetime, timedelta

from builders import offence, record, submit
from publications import crime, publish, send_years
from return_files import home_office, send

from service.figures import statuses
from service.figures.statuses import FigureStatus


def figure(service, **asked):
    answer = service.get("/v1/summaries", query_string={"area": "northamptonshire"} | asked)
    assert answer.status_code == 200, answer.json
    return answer.json["figures"][0]


def names(value):
    return [one["status"] for one in value["status"]]


def test_a_settled_complete_value_has_nothing_to_be_said_of_it(published):
    told = figure(published, period="2012/13", compare="2011/12")
    assert (told["status"], told["compared"]["status"]) == ([], [])


def test_a_period_is_provisional_until_a_quarter_after_its_end(service):
    today = datetime.now(UTC).date()
    for days, provisional in (
        (1, True),
        (statuses.PROVISIONAL_DAYS - 2, True),
        (statuses.PROVISIONAL_DAYS + 2, False),
    ):
        ended = today - timedelta(days=days)
        told = figure(service, period=f"{ended - timedelta(days=3)}..{ended}")
        assert ("provisional" in names(told)) == provisional, told
    [running] = [
        one["why"]
        for one in figure(service, period=f"{today}..{today + timedelta(days=30)}")["status"]
        if one["status"] == "provisional"
    ]
    assert running.endswith("before it had ended")


def test_whether_a_value_is_provisional_goes_by_the_day_as_of_which_it_is_asked():
    subject = statuses.Subject(5, date(2013, 3, 1), date(2013, 3, 31), True)
    assert statuses.list_statuses(subject, date(2013, 4, 5), []) == [
        FigureStatus("provisional", "known on 5 April 2013, 5 days after it ended")
    ]
    assert statuses.list_statuses(subject, date(2013, 7, 1), []) == []


def test_a_value_that_moved_since_it_was_first_published_is_revised_and_says_from_what(service):
    send_years(service, [crime(number) for number in range(30)])
    release = publish(service)
    [first] = [
        one
        for one in release["figures"]
        if one["area"]["code"] == "E23000022" and one["category"]["code"] == "all-crime"
    ]
    asked = {"period": release["period"], "category": "all-crime", "compare": release["compare"]}
    before = figure(service, **asked)
    assert (before["status"], before["compared"]["status"]) == ([], [])
    record(
        service,
        recorded_on=first["period"]["to"],
        committed_to=None,
        reported_at=None,
        committed_from="2001-01-01T00:00:00Z",
    )
    after = figure(service, **asked)
    assert after["status"] == [{"status": "revised", "why": f"{first['value']} in {release['title']}"}]
    assert after["compared"]["status"] == []
    assert figure(service, **asked, as_of=before and release["since_change"])["status"] == []
    later = publish(service, title="Later")
    text = service.get(f"/v1/releases/{later['release_id']}", headers={"Accept": "text/plain"}).text
    assert f"was revised, first published as {first['value']} in {release['title']}." in text


def test_what_is_under_embargo_reveals_nothing_by_a_revision(service):
    send_years(service, [crime(number) for number in range(30)])
    release = publish(service, embargo_until="2999-01-01T00:00:00Z")
    record(service, recorded_on="2012-05-03")
    assert figure(service, period=release["period"])["status"] == []


def test_a_return_whose_later_edition_says_otherwise_is_revised(service):
    quarters = [("2012/13", quarter, "Northamptonshire", "34B", 5) for quarter in (1, 2, 3, 4)]
    send(service, home_office(*quarters))
    asked = {"period": "2012/13", "category": "robbery", "source": "home-office-pfa"}
    first = figure(service, **asked)
    assert first["status"] == []
    send(service, home_office(*quarters[:3], ("2012/13", 4, "Northamptonshire", "34B", 9)), edition="2029-01")
    told = figure(service, **asked)
    assert (told["value"], told["status"]) == (
        24,
        [{"status": "revised", "why": f"20 in edition {first['edition']}"}],
    )
    assert figure(service, **asked | {"period": "2012/13Q1"})["status"] == []


def test_a_count_that_its_source_withholds_is_withheld_and_says_why(service):
    quarters = [("2012/13", quarter, "Northamptonshire", "34B", 5) for quarter in (1, 2, 3)]
    answer = send(service, home_office(*quarters, ("2012/13", 4, "Northamptonshire", "34B", "[u]")))
    assert answer.status_code == 201, answer.json
    told = figure(service, period="2012/13", category="robbery", source="home-office-pfa")
    assert told["value"] is None
    assert told["status"] == [
        {"status": "withheld", "why": "withheld: the count is too small to be relied on"}
    ]


def test_what_is_not_all_there_is_incomplete_in_json_and_in_csv(service):
    submit(service, [offence(crime_ref="NN/1")], period_from="2012-04-01", period_to="2013-03-31")
    asked = {"area": "northamptonshire", "period": "2012/13", "compare": "2011/12"}
    [told] = service.get("/v1/summaries", query_string=asked).json["figures"]
    assert (told["status"], names(told["compared"])) == ([], ["incomplete"])
    [row] = csv.DictReader(
        io.StringIO(service.get("/v1/summaries", query_string=asked, headers={"Accept": "text/csv"}).text)
    )
    assert (row["status"], row["compared_status"]) == ("", "incomplete")


def test_an_estimate_says_by_what_it_was_made():
    subject = statuses.Subject(
        8.5,
        date(2012, 4, 1),
        date(2013, 3, 31),
        True,
        estimated="residents of mid-2011 stand for those of mid-2012",
    )
    assert statuses.list_statuses(subject, None, []) == [
        FigureStatus("estimated", "residents of mid-2011 stand for those of mid-2012")
    ]
