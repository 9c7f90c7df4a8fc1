// RFM quintiles in DuckDB, from the same orders as ours: three files of little-endian columns, loaded into a table first.
// Usage: node rfm.mjs FOLDER ORDERS THREADS. Prints one JSON object per repetition: { seconds, checksum }.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DuckDBDataChunk, DuckDBInstance, INTEGER, BIGINT } from "@duckdb/node-api";

const [folder, count, threads] = [process.argv[2], Number(process.argv[3]), process.argv[4]];
const column = (name, type) => {
  const bytes = readFileSync(join(folder, name));
  return new type(bytes.buffer, bytes.byteOffset, bytes.byteLength / type.BYTES_PER_ELEMENT);
};
const customer = column("customer", Int32Array);
const day = column("day", Int32Array);
const amount = column("amount", BigInt64Array);

const instance = await DuckDBInstance.create(":memory:", { threads });
const connection = await instance.connect();
await connection.run("create table orders (customer integer, day integer, amount bigint)");
const appender = await connection.createAppender("orders");
for (let from = 0; from < count; from += 2048) {
  const to = Math.min(count, from + 2048);
  const chunk = DuckDBDataChunk.create([INTEGER, INTEGER, BIGINT]);
  chunk.setColumns([Array.from(customer.subarray(from, to)), Array.from(day.subarray(from, to)), Array.from(amount.subarray(from, to))]);
  appender.appendDataChunk(chunk);
}
appender.closeSync();

const last = Math.max(...new Set(day));
for (let repetition = 0; repetition < 5; repetition++) {
  await connection.run("drop table if exists rfm");
  const start = performance.now();
  await connection.run(`create table rfm as
    with c as (select customer, ${last} - max(day) as recency, count(*) as frequency, sum(amount) as monetary from orders group by customer)
    select customer,
      ntile(5) over (order by recency desc) as r,
      ntile(5) over (order by frequency, customer) as f,
      ntile(5) over (order by monetary) as m
    from c`);
  const seconds = (performance.now() - start) / 1000;
  const [[customers, f]] = (await connection.runAndReadAll("select count(*)::integer, sum(customer::hugeint * f)::varchar from rfm")).getRows();
  console.log(JSON.stringify({ seconds, customers, checksum: f }));
}
