/** An authority of the tests' own, and a certificate that it issues to `localhost`; made by openssl, since Node cannot. */
import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { requireExecutable } from "./executables.ts";

export type Certificates = {
  /** Whom to trust, as PEM. */
  authority: string;
  certificate: string;
  key: string;
};

const KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];

/** Answers the files; each call's authority has a name of its own. They are in a folder that is made for them. */
export function issueCertificates(folder: string, host = "localhost"): Certificates {
  mkdirSync(folder, { recursive: true });
  const file = (name: string) => join(folder, name);
  const openssl = (...args: string[]) => execFileSync(requireExecutable("openssl"), args, { stdio: ["ignore", "ignore", "pipe"] });
  const files = { authority: file("authority.pem"), certificate: file("server.pem"), key: file("server.key") };
  openssl("req", "-x509", ...KEY, "-keyout", file("authority.key"), "-out", files.authority, "-days", "2", "-subj", `/CN=authority ${randomUUID()}`);
  openssl("req", "-new", ...KEY, "-keyout", files.key, "-out", file("server.csr"), "-subj", `/CN=${host}`);
  writeFileSync(file("server.ext"), `subjectAltName=DNS:${host}\nbasicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth\n`);
  openssl("x509", "-req", "-in", file("server.csr"), "-CA", files.authority, "-CAkey", file("authority.key"), "-CAcreateserial", "-days", "2", "-extfile", file("server.ext"), "-out", files.certificate);
  return files;
}
