// A caller in TypeScript: types by openapi-typescript, calls by openapi-fetch. It stops at the first answer that is not what it should be.
import createClient from "openapi-fetch";
import type { components, paths } from "./crimebook.ts";

declare const process: { argv: string[] };
const [url, key] = process.argv.slice(2) as [string, string];
const crimebook = createClient<paths, "application/json" | "application/problem+json">({ baseUrl: url, headers: { Authorization: `Bearer ${key}` } });
type OffenceDraft = components["schemas"]["OffenceDraft"];
type Offence = components["schemas"]["Offence"];

function is<Value>(told: Value, expected: Value, what: string): void {
  const [one, other] = [JSON.stringify(told), JSON.stringify(expected)];
  if (one !== other) throw new Error(`${what}: ${one}, not ${other}`);
}

function crime(number: number): OffenceDraft {
  return {
    area: "northampton", code: "28A", committed_from: "2012-05-02T20:00:00Z", crime_ref: `TS/${number}`, force: "northamptonshire",
    recorded_on: "2012-05-03", victims: 1,
  };
}

async function figure(): Promise<number | null | undefined> {
  const { data } = await crimebook.GET("/v1/summaries", { params: { query: { area: ["northamptonshire"], period: "2012/13" } } });
  return data?.figures[0]?.value;
}

// The whole year, as a file.
const lines = [1, 2, 3, 4, 5, 6].map((number) => JSON.stringify(crime(number))).join("\n");
const submitted = await crimebook.POST("/v1/submissions", {
  params: {
    query: { force: "northamptonshire", period_from: "2012-04-01", period_to: "2013-03-31" },
    header: { "Idempotency-Key": "year-2012-13" },
  },
  headers: { "Content-Type": "application/x-ndjson" },
  body: lines,
  bodySerializer: (body) => body,
});
is([submitted.response.status, submitted.data?.status, submitted.data?.recorded], [201, "accepted", 6], "the receipt");
is(await figure(), 6, "the figure of the file");

const release = await crimebook.POST("/v1/releases", { body: { title: "The year", areas: ["northamptonshire"], period: "2012/13" } });
is(release.response.status, 201, "the release");

// One record: made once though sent twice, read by its ETag, corrected, and not corrected by who saw an older version.
const header = { "Idempotency-Key": "o-1" };
const recorded = await crimebook.POST("/v1/offences", { params: { header }, body: crime(7) });
const again = await crimebook.POST("/v1/offences", { params: { header }, body: crime(7) });
is(again.data, recorded.data, "the same key and body");
const offence_id = recorded.data!.offence_id;
const tag = recorded.response.headers.get("ETag")!;

const read = await crimebook.GET("/v1/offences/{offence_id}", { params: { path: { offence_id } } });
is([read.response.headers.get("ETag"), read.data], [tag, recorded.data], "what was read");
const held = await crimebook.GET("/v1/offences/{offence_id}", { params: { path: { offence_id } }, headers: { "If-None-Match": tag } });
is(held.response.status, 304, "what is held already");

const more = { ...crime(7), victims: 2 };
const params = { path: { offence_id }, header: { "If-Match": tag } };
const corrected = await crimebook.PUT("/v1/offences/{offence_id}", { params, body: more });
is([corrected.response.status, corrected.data?.victims], [200, 2], "the correction");
const stale = await crimebook.PUT("/v1/offences/{offence_id}", { params, body: more });
is([stale.response.status, stale.error?.type], [412, "/docs/problems/stale-version"], "a stale correction");
is(stale.response.headers.get("ETag"), corrected.response.headers.get("ETag"), "the tag that is told instead");

const wrong = await crimebook.POST("/v1/offences", { body: { ...crime(8), code: "999Z" } });
is([wrong.response.status, wrong.error?.errors?.[0]?.pointer], [422, "/code"], "a fault");

// Every page, by the cursor in the `next` of the one before.
const pages: Offence[][] = [];
let query: { area: string; limit: number; after?: string; as_of?: string } = { area: "northamptonshire", limit: 3 };
for (;;) {
  const { data } = await crimebook.GET("/v1/offences", { params: { query } });
  pages.push(data!.items);
  if (data!.next === null) break;
  const next = new URL(data!.next, url).searchParams;
  query = { ...query, after: next.get("after")!, as_of: next.get("as_of")! };
}
is(pages.map((page) => page.length), [3, 3, 1], "the pages");
is(new Set(pages.flat().map((one) => one.offence_id)).size, 7, "the records on them");

is(await figure(), 7, "the figure of everything");
const release_id = release.data!.release_id;
const revisions = await crimebook.GET("/v1/releases/{release_id}/revisions", { params: { path: { release_id } } });
const moved = revisions.data!.revisions.filter((one) => one.category.code === "all-crime");
is(moved.map((one) => [one.then, one.now, one.difference]), [[6, 7, 1]], "the revisions");
console.log("the journey is done");
