/** The driver under Prisma's WASM schema engine, with two faults of version 6.19 mended. */
import { PrismaPg } from "@prisma/adapter-pg";
import pg from "pg";

/** The engine reads catalog columns of the types name and "char", alone and in arrays, which the adapter refuses: told as text. */
const AS_TEXT = new Map([[18, 25], [19, 25], [1002, 1009], [1003, 1009]]);

function readable(result) {
  for (const field of result?.fields ?? []) field.dataTypeID = AS_TEXT.get(field.dataTypeID) ?? field.dataTypeID;
  return result;
}

class CatalogClient extends pg.Client {
  query(...args) {
    const callback = typeof args.at(-1) === "function" ? args.pop() : undefined;
    if (callback) return super.query(...args, (error, result) => callback(error, readable(result)));
    const pending = super.query(...args);
    return typeof pending?.then === "function" ? pending.then(readable) : pending;
  }
}

export class OfflinePostgres extends PrismaPg {
  /** By parts: with a connection string the shadow database would be the main one. */
  constructor(url) {
    const { hostname, port, username, pathname } = new URL(url);
    super({ host: hostname, port: Number(port), user: username, database: pathname.slice(1), Client: CatalogClient, allowExitOnIdle: true });
  }

  /** The shadow database is dropped while the pool that uses it is still open; here the pool ends first. */
  async connectToShadowDb() {
    const shadow = await super.connectToShadowDb();
    const { client: pool, release } = shadow;
    shadow.release = async () => {
      await pool.end();
      pool.end = async () => {};
      await release();
    };
    return shadow;
  }
}
