/** Stories that send more than a person does, on one stack. */
export const NOBODY_IS_LIMITED = { REALTIME_RATE_EVENTS: "5000/5000", REALTIME_RATE_MESSAGES: "5000/5000" };

export const OVER_BOTH = ["websocket", "polling"] as const;
