// An answer of the Bot API (Bot API, "Making requests").

export type Answer = { readonly status: number; readonly body: object };

export const fine = (result: unknown): Answer => ({ status: 200, body: { ok: true, result } });

export const no = (status: number, description: string, parameters?: object): Answer => ({
  status,
  body: { ok: false, error_code: status, description, ...(parameters && { parameters }) },
});
