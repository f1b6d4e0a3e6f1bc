/** Dates as people read them. Formats are made once a locale: making one costs more than using it a hundred times. */
import type { Texts } from "../texts/texts.ts";

type Formats = Record<"time" | "day" | "dayOfYear" | "short" | "shortOfYear", Intl.DateTimeFormat> & { ago: Intl.RelativeTimeFormat };

const made = new Map<string, Formats>();

function formatsOf(locale: string): Formats {
  const known = made.get(locale);
  if (known) return known;
  const day = { weekday: "long", day: "numeric", month: "long" } as const;
  const short = { day: "numeric", month: "short" } as const;
  const year = { year: "numeric" } as const;
  const formats = {
    time: new Intl.DateTimeFormat(locale, { hour: "numeric", minute: "2-digit" }),
    day: new Intl.DateTimeFormat(locale, day),
    dayOfYear: new Intl.DateTimeFormat(locale, { ...day, ...year }),
    short: new Intl.DateTimeFormat(locale, short),
    shortOfYear: new Intl.DateTimeFormat(locale, { ...short, ...year }),
    ago: new Intl.RelativeTimeFormat(locale, { numeric: "auto", style: "short" }),
  };
  made.set(locale, formats);
  return formats;
}

const DAY_MS = 86_400_000;

function startOfDay(time: number): number {
  return new Date(time).setHours(0, 0, 0, 0);
}

/** Whole days between two moments, by the calendar of the browser's own time zone. */
export function daysBetween(earlier: number, later: number): number {
  return Math.round((startOfDay(later) - startOfDay(earlier)) / DAY_MS);
}

export function timeOfDay(iso: string, { locale }: Texts): string {
  return formatsOf(locale).time.format(Date.parse(iso));
}

/** The year is told when it is another one. */
function inYear(time: number, now: number, format: "day" | "short", { locale }: Texts): string {
  const isOther = new Date(time).getFullYear() !== new Date(now).getFullYear();
  return formatsOf(locale)[isOther ? `${format}OfYear` as const : format].format(time);
}

export function dayOf(iso: string, texts: Texts, now: number): string {
  const days = daysBetween(Date.parse(iso), now);
  if (days === 0) return texts.today;
  return days === 1 ? texts.yesterday : inYear(Date.parse(iso), now, "day", texts);
}

/** Time today, the day before that. */
export function shortTime(iso: string, texts: Texts, now: number): string {
  const days = daysBetween(Date.parse(iso), now);
  if (days === 0) return timeOfDay(iso, texts);
  return days === 1 ? texts.yesterday : inYear(Date.parse(iso), now, "short", texts);
}

export function ago(iso: string, texts: Texts, now: number): string {
  const seconds = Math.min(0, Math.round((Date.parse(iso) - now) / 1_000));
  const { ago: format } = formatsOf(texts.locale);
  if (seconds > -3_600) return format.format(Math.min(-1, Math.round(seconds / 60)), "minute");
  if (seconds > -86_400) return format.format(Math.round(seconds / 3_600), "hour");
  return format.format(Math.round(seconds / 86_400), "day");
}
