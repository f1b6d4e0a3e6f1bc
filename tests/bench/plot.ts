/** Growth as an SVG: a panel for each cost, a line for each number of instances and tenants. */
import type { Point } from "./growth.ts";

type Panel = { title: string; of: (point: Point) => number };

const PANELS: Panel[] = [
  { title: "memory of an instance, MiB", of: ({ memoryMiB }) => memoryMiB },
  { title: "CPU of an idle instance, % of a core", of: ({ cpuPercent }) => cpuPercent },
  { title: "handshake p99, ms", of: ({ handshakeP99Ms }) => handshakeP99Ms },
];
const WIDTH = 300;
const HEIGHT = 220;
const MARGIN = { left: 48, right: 16, top: 32, bottom: 36 };
/** Told apart by people who see no colours, too: hue and dash. */
const STYLES = ["stroke:#0072b2", "stroke:#d55e00", "stroke:#0072b2;stroke-dasharray:6 4", "stroke:#d55e00;stroke-dasharray:6 4"];

type Series = { label: string; style: string; points: Point[] };

function seriesOf(points: Point[]): Series[] {
  const groups = new Map<string, Point[]>();
  for (const point of points) {
    const { instances, tenants } = point;
    const label = `${instances} instance${instances === 1 ? "" : "s"}, ${tenants.toLocaleString("en")} tenant${tenants === 1 ? "" : "s"}`;
    groups.set(label, [...(groups.get(label) ?? []), point]);
  }
  return [...groups].map(([label, group], at) => ({
    label,
    style: STYLES[at % STYLES.length] ?? "",
    points: group.toSorted((a, b) => a.connections - b.connections),
  }));
}

/** The least of 1, 2, 5, 10, 20 … that holds the value. */
function ceiling(value: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(value, 1e-3)));
  return power * ([1, 2, 5, 10].find((step) => step * power >= value) ?? 10);
}

function panel({ title, of }: Panel, series: Series[], at: number): string {
  const all = series.flatMap(({ points }) => points);
  const most = { x: Math.max(...all.map(({ connections }) => connections)), y: ceiling(Math.max(...all.map(of))) };
  const x = (connections: number) => MARGIN.left + (connections / most.x) * (WIDTH - MARGIN.left - MARGIN.right);
  const y = (value: number) => HEIGHT - MARGIN.bottom - (value / most.y) * (HEIGHT - MARGIN.top - MARGIN.bottom);
  const parts = [`<text x="${WIDTH / 2}" y="18" text-anchor="middle" class="title">${title}</text>`];
  for (const share of [0, 0.5, 1]) {
    const value = most.y * share;
    parts.push(`<path d="M${MARGIN.left} ${y(value)}H${WIDTH - MARGIN.right}" class="grid"/><text x="${MARGIN.left - 6}" y="${y(value) + 4}" text-anchor="end">${value}</text>`);
  }
  for (const connections of [...new Set(all.map((point) => point.connections))]) {
    parts.push(`<text x="${x(connections)}" y="${HEIGHT - MARGIN.bottom + 16}" text-anchor="middle">${connections / 1_000}k</text>`);
  }
  for (const { style, points } of series) {
    const line = points.map((point) => `${x(point.connections).toFixed(1)} ${y(of(point)).toFixed(1)}`).join("L");
    parts.push(`<path d="M${line}" class="line" style="${style}"/>`);
    for (const point of points) parts.push(`<circle cx="${x(point.connections).toFixed(1)}" cy="${y(of(point)).toFixed(1)}" r="3" style="${style}"/>`);
  }
  return `<g transform="translate(${at * WIDTH} 0)">${parts.join("")}</g>`;
}

export function plot(points: Point[]): string {
  const series = seriesOf(points);
  const legend = series.map(
    ({ label, style }, at) => `<g transform="translate(${MARGIN.left + at * 200} ${HEIGHT + 8})"><path d="M0 0h28" class="line" style="${style}"/><text x="34" y="4">${label}</text></g>`,
  );
  const size = { width: WIDTH * PANELS.length, height: HEIGHT + 24 };
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size.width} ${size.height}" width="${size.width}" height="${size.height}" role="img" aria-label="Cost by connections of an instance">`,
    "<style>text{font:11px sans-serif;fill:#444}.title{font-weight:bold}.grid{stroke:#ddd}.line{fill:none;stroke-width:2}circle{fill:#fff;stroke-width:2}</style>",
    `<rect width="${size.width}" height="${size.height}" fill="#fff"/>`,
    ...PANELS.map((one, at) => panel(one, series, at)),
    ...legend,
    "</svg>",
    "",
  ].join("\n");
}
