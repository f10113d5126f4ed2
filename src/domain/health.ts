/** What `GET /health` answers on both listeners: 200 while events can be recorded, else 503. */
export type HealthAnswer = {
  readonly status: 200 | 503;
  /** Put into the answer as JSON. */
  readonly body: unknown;
};
