"""Files of data.police.uk that tests send, and what comes of them."""

import csv
import gzip
import io
import json
import zipfile
from pathlib import Path

SAMPLES = Path(__file__).parents[1] / "data" / "police-uk"
NORTHAMPTONSHIRE = [
    SAMPLES / f"2018-{month}" / f"2018-{month}-northamptonshire-street.csv.gz" for month in (10, 11, 12)
]

STREET = (
    "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,Crime type,Last"
    " outcome category,Context"
)
HEADINGS = STREET + "\n"
BEFORE_2013 = "Month,Reported by,Falls within,Easting,Northing,Location,Crime type,Context\n"
OUTCOMES = (
    "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,Outcome type\n"
)


def crime(
    crime_id="",
    month="2018-10",
    reported_by="Leicestershire Police",
    place=",,On or near High Street,E01025631,Blaby 002A",
    crime_type="Burglary",
    outcome="",
):
    return f"{crime_id},{month},{reported_by},{reported_by},{place},{crime_type},{outcome},\n"


def outcome(crime_id, month="2018-10", reported_by="Leicestershire Police", said="Offender fined"):
    return (
        f"{crime_id},{month},{reported_by},{reported_by},,,On or near HIGH STREET,E01025631,Blaby"
        f" 002A,{said}\n"
    )


ASB = crime(crime_type="Anti-social behaviour")


def street(*rows):
    return (HEADINGS + "".join(rows)).encode()


def archive(files, method=zipfile.ZIP_DEFLATED):
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", method) as made:
        for name, content in files.items():
            made.writestr(name, content)
    return held.getvalue()


def send(service, file, content_type="text/csv", headers=None, **asked):
    return service.post(
        "/v1/street-submissions", query_string=asked, data=file, content_type=content_type, headers=headers
    )


def sent(service, file, content_type="text/csv", **asked):
    """Send a file that is in order; gives back the receipt."""
    answer = send(service, file, content_type, **asked)
    assert answer.status_code in (200, 201), answer.json
    return answer.json


def faults(service, answer):
    """Every fault of a refused file, as (line, field, value, detail)."""
    assert answer.status_code == 422, answer.json
    listed = service.get(f"/v1/street-submissions/{answer.json['submission']}/faults?limit=1000").json[
        "items"
    ]
    return [(one["line"], one["field"], one["value"], one["detail"]) for one in listed]


def crimes(service, kind="street-crimes", **asked):
    answer = service.get(f"/v1/{kind}", query_string=asked, headers={"Accept": "application/x-ndjson"})
    assert answer.status_code == 200, answer.json
    return [json.loads(line) for line in answer.get_data().splitlines()]


def rows_of(path):
    """The rows of a file by another reader than the service's."""
    text = (gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()).decode()
    return list(csv.DictReader(io.StringIO(text)))
