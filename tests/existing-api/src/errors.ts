import type { FastifyInstance } from "fastify";
import { ClientClosedError, ClientOfflineError, ConnectionTimeoutError, SocketClosedUnexpectedlyError } from "redis";

/** An answer other than 2xx that a route means to give. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

const redisAway = [ClientClosedError, ClientOfflineError, ConnectionTimeoutError, SocketClosedUnexpectedlyError];
/** Prisma: cannot reach, timed out, closed the connection, no connection in the pool. */
const databaseAway = new Set(["P1001", "P1002", "P1017", "P2024", "ECONNREFUSED", "57P01", "57P03"]);

function isBackEndAway(error: unknown): boolean {
  if (redisAway.some((kind) => error instanceof kind)) return true;
  return error instanceof Error && "code" in error && databaseAway.has(String(error.code));
}

export function registerErrorAnswers(app: FastifyInstance) {
  app.setErrorHandler((error, request, reply) => {
    if (error instanceof ApiError) return reply.code(error.status).send({ code: error.code, message: error.message });
    if (isBackEndAway(error)) {
      request.log.warn({ err: error }, "a back end is away");
      return reply.code(503).send({ code: "unavailable", message: "try again later" });
    }
    const status = error instanceof Error && "statusCode" in error ? Number(error.statusCode) : 500;
    if (status >= 400 && status < 500) {
      return reply.code(status).send({ code: "invalid_request", message: (error as Error).message });
    }
    request.log.error({ err: error }, "request failed");
    return reply.code(500).send({ code: "internal", message: "something went wrong here" });
  });
  app.setNotFoundHandler((_request, reply) => reply.code(404).send({ code: "not_found", message: "no such page" }));
}
