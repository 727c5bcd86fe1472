"""Tries published Python clients of DHIS2 on the server of examples/clients."""

import asyncio
import os

URL = os.environ["DHIS2"]
USER, PASSWORD = "admin", "district"
REGIONS = ["ouRegion001", "ouRegion002", "ouRegion003"]
VISITS = {"ouRegion001": 109273, "ouRegion002": 106365, "ouRegion003": 100251}


def equal(got, want):
    if got != want:
        raise AssertionError(f"got {got!r}, want {want!r}")


def dhis2_py():
    from dhis2 import Api, RequestException

    api = Api(URL, USER, PASSWORD)
    equal(api.get_version_int(), 44)
    regions = api.get("organisationUnits", params={"fields": "id", "level": 2}).json()
    equal([u["id"] for u in regions["organisationUnits"]], REGIONS)
    pages = list(api.get_paged("organisationUnits", page_size=100))
    equal([len(p["organisationUnits"]) for p in pages], [100, 100, 100, 64])
    merged = api.get_paged("organisationUnits", page_size=100, merge=True)
    equal(len({u["id"] for u in merged["organisationUnits"]}), 364)
    form = {"dataSet": "dsOutpatnt1", "period": "202501", "orgUnit": "ouCountry01", "children": "true"}
    equal(len(api.get("dataValueSets", params=form).json()["dataValues"]), 3510)
    try:
        api.get("dataElements/nothingHer1")
        raise AssertionError("an element that does not exist was found")
    except RequestException as e:
        equal(e.code, 404)


def dhis2_client():
    from dhis2_client import DHIS2Client

    client = DHIS2Client(base_url=URL, username=USER, password=PASSWORD)
    equal(client.get_system_info()["version"][:4], "2.44")
    elements = list(client.fetch_all("/api/dataElements", params={"fields": "id,displayName"}))
    equal(len(elements), 15)
    equal(client.get_data_element("deOutpatnts", fields="name"), {"name": "Outpatient visits"})
    equal(len(list(client.get_organisation_units(fields="id"))), 364)
    equal(client.get_org_units_geojson(level=2)["type"], "FeatureCollection")
    table = client.get_analytics_data(
        dimension=["dx:deOutpatnts", "pe:2025Q1", "ou:LEVEL-2"], skipMeta="true")
    equal({r[2]: int(float(r[3])) for r in table["rows"]}, VISITS)


def openhexa_toolbox():
    from openhexa.toolbox.dhis2 import DHIS2
    from openhexa.toolbox.dhis2 import dataframe

    dhis2 = DHIS2(url=URL, username=USER, password=PASSWORD)
    equal(dhis2.ping(), True)
    equal(dhis2.me()["username"], USER)
    equal([v["name"] for v in dhis2.meta.organisation_unit_levels()],
          ["Country", "Region", "District", "Zone", "Facility"])
    equal(len(dhis2.meta.organisation_units()), 364)
    equal(len(dhis2.meta.indicators()), 8)
    cells = dhis2.analytics.get(data_elements=["deOutpatnts"], periods=["2025Q1"], org_unit_levels=[2])
    sums = dict.fromkeys(REGIONS, 0)
    for cell in cells:
        sums[cell["ou"]] += int(float(cell["value"]))
    equal(sums, VISITS)
    values = dhis2.data_value_sets.get(
        datasets=["dsOutpatnt1"], periods=["202501"], org_units=["ouCountry01"], children=True)
    equal(len(values), 3510)
    equal(len(dataframe.get_organisation_units(dhis2)), 364)
    equal(len(dataframe.get_datasets(dhis2)), 4)


def pydhis2():
    from pydhis2 import DHIS2Config, get_client
    from pydhis2.core.types import AnalyticsQuery

    async def table():
        client, _ = get_client()
        async with client(DHIS2Config(base_url=URL, auth=(USER, PASSWORD))) as c:
            return await c.analytics.to_pandas(AnalyticsQuery(dx=["deOutpatnts"], ou="LEVEL-2", pe="2025Q1"))

    frame = asyncio.run(table())
    equal(dict(zip(frame["orgUnit"], map(int, frame["value"]))), VISITS)


def dhis2_fetch():
    import dhis2_fetch as fetch

    fetch.connect(URL, USER, PASSWORD)
    equal(fetch.fetch_orgunit_levels()[3], "District")
    equal(len(fetch.fetch_orgunit_tree(3)), 12)
    items = fetch.fetch_data_items()
    equal("ANC 1 coverage (%)" in set(items["dataname"]), True)


for name in [dhis2_py, dhis2_client, openhexa_toolbox, pydhis2, dhis2_fetch]:
    name()
    print(f"{name.__name__}: answers as expected")
