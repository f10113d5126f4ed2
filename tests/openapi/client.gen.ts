// Made by generate.ts from the OpenAPI document; not edited by hand.
export interface paths {
    "/calls/{enterprise}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Recent calls, newest first */
        get: operations["listCalls"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/call/{enterprise}/{unique_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Everything that happened in one call */
        get: operations["getCall"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/call/{enterprise}/{unique_id}/live": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The call while it goes on, as server-sent events */
        get: operations["followCall"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/call/{enterprise}/{unique_id}/recording/{n}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A recording of the call, whole or a range of it */
        get: operations["getRecording"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether events can be recorded */
        get: operations["getHealth"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Figures for Prometheus */
        get: operations["getMetrics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/openapi.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** This document */
        get: operations["getOpenApi"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/start": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Takes an event of an Asterisk host */
        post: operations["postStart"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/dial": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Takes an event of an Asterisk host */
        post: operations["postDial"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/bridge": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Takes an event of an Asterisk host */
        post: operations["postBridge"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/bridge_create": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Takes an event of an Asterisk host */
        post: operations["postBridgeCreate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/bridge_leave": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Takes an event of an Asterisk host */
        post: operations["postBridgeLeave"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/bridge_destroy": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Takes an event of an Asterisk host */
        post: operations["postBridgeDestroy"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/hangup": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Takes an event of an Asterisk host */
        post: operations["postHangup"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/new_callerid": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Takes an event of an Asterisk host */
        post: operations["postNewCallerid"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/events/{event}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Takes an event of an Asterisk host */
        post: operations["postEvent"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export interface webhooks {
    call: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** What a program of the enterprise's own is told of its calls */
        post: operations["takeCall"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export interface components {
    schemas: {
        Error: {
            error: {
                code: string;
                message: string;
            };
        };
        FollowUp: {
            /** @enum {string} */
            state: "open" | "tried" | "returned" | "reached" | "expired";
            attempts: number;
            /** Format: date-time */
            firstAttemptAt: string | null;
            /** Format: date-time */
            returnedAt: string | null;
            returnedBy: string | null;
            afterSeconds: number | null;
            call: string | null;
            repeats: number;
        };
        Recording: {
            /** @description Its place in the address. */
            n: number;
            seconds: number | null;
            bytes: number;
            /** @description Media type. */
            type: string;
            /** Format: date-time */
            startedAt: string | null;
        };
        Call: {
            enterprise: string;
            uniqueIds: string[];
            bridgeIds: string[];
            /** @enum {string} */
            direction: "incoming" | "outgoing" | "internal" | "unknown";
            /** @enum {string} */
            status: "ringing" | "talking" | "answered" | "missed" | "busy" | "cancelled" | "failed" | "unknown" | "service";
            /** @description The outside party's number as the sender gave it; null where it is withheld. */
            phone: string | null;
            callerName: string | null;
            /** @description Everybody on our side, in the order they were rung. */
            extensions: string[];
            /** @description Those of our side who talked, in order. */
            answeredBy: string[];
            trunk: string | null;
            dialled: string | null;
            /** @enum {string|null} */
            reached: "voicemail" | "menu" | null;
            isOwnPhoneSilent: boolean;
            /** Format: date-time */
            startedAt: string | null;
            /** Format: date-time */
            answeredAt: string | null;
            /** Format: date-time */
            endedAt: string | null;
            /** @description From the start to the answer, or to the end of an unanswered call. */
            waitSeconds: number | null;
            /** @description While the call goes on: so far. */
            talkSeconds: number | null;
            totalSeconds: number | null;
            waitMs: number | null;
            talkMs: number | null;
            totalMs: number | null;
            transfers: {
                /** Format: date-time */
                at: string;
                /** @enum {string} */
                kind: "blind" | "attended";
                from: string;
                to: string;
                completed: boolean;
            }[];
            /** @description A number; `pbx` where the PBX ended the call by itself. */
            hungUpBy: string | null;
            /** @description Answered, and the caller was lost while he waited again. */
            isLost: boolean;
            followUp: components["schemas"]["FollowUp"] | null;
            /** @description The missed call that this one settled. */
            returns: string | null;
            /** @description Those that the token lets one hear; none while the call goes on. */
            recordings: components["schemas"]["Recording"][];
        };
        Record: {
            /** Format: date-time */
            at: string;
            /** @enum {string} */
            kind: "AST" | "TG" | "HTTP" | "SQL";
            event: string;
            uniqueId: string;
            /** @description The line as it is stored, secrets replaced by `***`. */
            raw: string;
        };
        Doubt: {
            code: string;
            message: string;
            count?: number;
        };
        CallAnswer: {
            call: components["schemas"]["Call"];
            records: components["schemas"]["Record"][];
            doubts: components["schemas"]["Doubt"][];
        };
        CallRow: {
            uniqueId: string;
            /** @enum {string} */
            direction: "incoming" | "outgoing" | "internal" | "unknown";
            /** @enum {string} */
            status: "ringing" | "talking" | "answered" | "missed" | "busy" | "cancelled" | "failed" | "unknown" | "service";
            /** @description The outside party's number as the sender gave it; null where it is withheld. */
            phone: string | null;
            callerName: string | null;
            /** @description Everybody on our side, in the order they were rung. */
            extensions: string[];
            /** @description Those of our side who talked, in order. */
            answeredBy: string[];
            /** Format: date-time */
            startedAt: string;
            /** Format: date-time */
            endedAt: string | null;
            /** @description From the start to the answer, or to the end of an unanswered call. */
            waitSeconds: number | null;
            /** @description While the call goes on: so far. */
            talkSeconds: number | null;
            totalSeconds: number | null;
            waitMs: number | null;
            talkMs: number | null;
            totalMs: number | null;
            /** @description How many were completed. */
            transfers: number;
            /** @description Answered, and the caller was lost while he waited again. */
            isLost: boolean;
            followUp: components["schemas"]["FollowUp"] | null;
            /** @description The missed call that this one settled. */
            returns: string | null;
            /** @description Path and query of the call's own link. */
            path: string | null;
        };
        Summary: {
            day: string;
            timezone: string;
            complete: boolean;
            calls: number;
            incoming: number;
            outgoing: number;
            internal: number;
            answered: number;
            missed: number;
            talkSeconds: number;
            meanWaitSeconds: number | null;
            hours: {
                /** Format: date-time */
                from: string;
                answered: number;
                unanswered: number;
            }[];
        };
        CallsAnswer: {
            calls: components["schemas"]["CallRow"][];
            /** @description Goes into `before` for the rows behind these. */
            next: string | null;
            /** @description False while older days are read for the first time: rows may be missing. */
            complete: boolean;
            openMissed?: number;
            summary?: components["schemas"]["Summary"];
        };
        Health: {
            /** @enum {string} */
            status: "ok" | "degraded" | "failing";
            reasons: string[];
            version: string;
            uptimeSeconds: number;
            commit: string;
            queues: Record<string, never>;
        };
        /** @description Recorded whole; keys beside these are kept. */
        Event: {
            /** @description The enterprise's webhook token; a `Token` header serves as well. */
            Token?: string;
            UniqueId?: string;
            Phone?: string;
            Extensions?: unknown[] | string;
            BridgeUniqueid?: string;
            Linkedid?: string;
            ChanUniqueId?: string;
            /** @description Epoch seconds with fraction. */
            EventTime?: string | number;
            /** @description Makes a delivery idempotent for good. */
            EventId?: string;
            /** @description Late on purpose: rings nobody. */
            _recovered?: boolean | string | number;
        } & {
            [key: string]: unknown;
        };
        Recorded: {
            /** @enum {string} */
            status: "ok";
        };
        HookBody: {
            /** @enum {string} */
            type: "call.started" | "call.answered" | "call.ended" | "call.missed" | "call.followed_up";
            /** Format: date-time */
            timestamp: string;
            data: {
                /** @description The id of the call to keep. */
                uniqueId: string;
                /** @description Its place among the events of the call. */
                sequence: number;
                enterprise: string;
                uniqueIds: string[];
                bridgeIds: string[];
                /** @enum {string} */
                direction: "incoming" | "outgoing" | "internal" | "unknown";
                /** @enum {string} */
                status: "ringing" | "talking" | "answered" | "missed" | "busy" | "cancelled" | "failed" | "unknown" | "service";
                /** @description The outside party's number as the sender gave it; null where it is withheld. */
                phone: string | null;
                callerName: string | null;
                /** @description Everybody on our side, in the order they were rung. */
                extensions: string[];
                /** @description Those of our side who talked, in order. */
                answeredBy: string[];
                trunk: string | null;
                dialled: string | null;
                /** @enum {string|null} */
                reached: "voicemail" | "menu" | null;
                isOwnPhoneSilent: boolean;
                /** Format: date-time */
                startedAt: string | null;
                /** Format: date-time */
                answeredAt: string | null;
                /** Format: date-time */
                endedAt: string | null;
                /** @description From the start to the answer, or to the end of an unanswered call. */
                waitSeconds: number | null;
                /** @description While the call goes on: so far. */
                talkSeconds: number | null;
                totalSeconds: number | null;
                waitMs: number | null;
                talkMs: number | null;
                totalMs: number | null;
                transfers: {
                    /** Format: date-time */
                    at: string;
                    /** @enum {string} */
                    kind: "blind" | "attended";
                    from: string;
                    to: string;
                    completed: boolean;
                }[];
                /** @description A number; `pbx` where the PBX ended the call by itself. */
                hungUpBy: string | null;
                /** @description Answered, and the caller was lost while he waited again. */
                isLost: boolean;
                followUp: components["schemas"]["FollowUp"] | null;
                /** @description The missed call that this one settled. */
                returns: string | null;
                /** @description Those that the token lets one hear; none while the call goes on. */
                recordings: components["schemas"]["Recording"][];
                /** @description It came late; then its end alone is told. */
                recovered: boolean;
                /** @description A link that opens the call and expires. */
                page: string | null;
            };
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    listCalls: {
        parameters: {
            query: {
                /** @description The enterprise's secret, or the token of a link. */
                token: string;
                /** @description Part of the outside party's number, or of a name. */
                number?: string;
                /** @description A whole extension that was rung or talked. */
                ext?: string;
                /** @description How the call ended. */
                result?: "answered" | "missed" | "unanswered" | "cancelled" | "busy" | "failed" | "live" | "unknown" | "service";
                /** @description Which way. */
                direction?: "incoming" | "outgoing" | "internal" | "unknown";
                /** @description What became of a missed call. */
                follow?: "open" | "tried" | "returned" | "reached" | "expired";
                /** @description A day in `--timezone`. */
                day?: string;
                /** @description `next` of an earlier answer. */
                before?: string;
                /** @description 500 at most in JSON, 50,000 in files. */
                limit?: number;
                /** @description Else `Accept` decides. */
                format?: "json" | "csv" | "xlsx";
                /** @description Of CSV. */
                separator?: "," | ";" | "tab";
                /** @description Of pages and workbooks. */
                lang?: "ru" | "en";
            };
            header?: never;
            path: {
                enterprise: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The calls. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "calls": [
                     *         {
                     *           "uniqueId": "1764493655.61",
                     *           "direction": "incoming",
                     *           "status": "missed",
                     *           "phone": "375295305942",
                     *           "callerName": null,
                     *           "extensions": [
                     *             "151"
                     *           ],
                     *           "answeredBy": [],
                     *           "startedAt": "2025-11-30T09:07:55.280Z",
                     *           "endedAt": "2025-11-30T09:08:15.280Z",
                     *           "waitSeconds": 20,
                     *           "talkSeconds": 0,
                     *           "totalSeconds": 20,
                     *           "waitMs": 20000,
                     *           "talkMs": 0,
                     *           "totalMs": 20000,
                     *           "transfers": 0,
                     *           "isLost": false,
                     *           "followUp": {
                     *             "state": "returned",
                     *             "attempts": 0,
                     *             "firstAttemptAt": null,
                     *             "returnedAt": "2025-11-30T09:12:15.000Z",
                     *             "returnedBy": "151",
                     *             "afterSeconds": 240,
                     *             "call": "1764493935.70",
                     *             "repeats": 1
                     *           },
                     *           "returns": null,
                     *           "path": "/call/0367/1764493655.61?token=AAAAAAAAAAAAAAAAAAAAAAAAAAAA"
                     *         }
                     *       ],
                     *       "next": null,
                     *       "complete": true,
                     *       "openMissed": 0
                     *     }
                     */
                    "application/json": components["schemas"]["CallsAnswer"];
                    "text/html": string;
                    "text/csv": string;
                    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": string;
                };
            };
            /** @description A parameter that cannot be meant. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Wrong or missing token, unknown or switched off enterprise: always the same answer. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description More than 20 wrong tokens a minute from one client; a right token always passes. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description The directory of enterprises cannot be asked. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    getCall: {
        parameters: {
            query: {
                /** @description The enterprise's secret, or the token of a link. */
                token: string;
                /** @description Of pages and workbooks. */
                lang?: "ru" | "en";
                /** @description A vCon; else `Accept` decides. */
                format?: "vcon";
            };
            header?: never;
            path: {
                enterprise: string;
                /** @description Any unique id of the call. */
                unique_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The call. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "call": {
                     *         "enterprise": "0367",
                     *         "uniqueIds": [
                     *           "1764493655.61",
                     *           "1764493657.62"
                     *         ],
                     *         "bridgeIds": [
                     *           "77c13775-bede-4f37-886b-000000000001"
                     *         ],
                     *         "direction": "incoming",
                     *         "status": "answered",
                     *         "phone": "375295305942",
                     *         "callerName": "Customer One",
                     *         "extensions": [
                     *           "151",
                     *           "152"
                     *         ],
                     *         "answeredBy": [
                     *           "151",
                     *           "152"
                     *         ],
                     *         "trunk": "mts",
                     *         "dialled": null,
                     *         "reached": null,
                     *         "isOwnPhoneSilent": false,
                     *         "startedAt": "2025-11-30T09:07:55.280Z",
                     *         "answeredAt": "2025-11-30T09:07:56.344Z",
                     *         "endedAt": "2025-11-30T09:08:06.169Z",
                     *         "waitSeconds": 1,
                     *         "talkSeconds": 10,
                     *         "totalSeconds": 11,
                     *         "waitMs": 1064,
                     *         "talkMs": 9821,
                     *         "totalMs": 10889,
                     *         "transfers": [
                     *           {
                     *             "at": "2025-11-30T09:08:01.162Z",
                     *             "kind": "attended",
                     *             "from": "151",
                     *             "to": "152",
                     *             "completed": true
                     *           }
                     *         ],
                     *         "hungUpBy": "375295305942",
                     *         "isLost": false,
                     *         "followUp": null,
                     *         "returns": null,
                     *         "recordings": []
                     *       },
                     *       "records": [
                     *         {
                     *           "at": "2025-11-30T09:07:55.280Z",
                     *           "kind": "AST",
                     *           "event": "start",
                     *           "uniqueId": "1764493655.61",
                     *           "raw": "2025-11-30 09:07:55,280|AST|start|1764493655.61|{\"Token\":\"***\",\"UniqueId\":\"1764493655.61\"}"
                     *         }
                     *       ],
                     *       "doubts": []
                     *     }
                     */
                    "application/json": components["schemas"]["CallAnswer"];
                    "text/html": string;
                    "application/vcon": Record<string, never>;
                };
            };
            /** @description A parameter that cannot be meant. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Wrong or missing token, unknown or switched off enterprise: always the same answer. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description No such call. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description More than 20 wrong tokens a minute from one client; a right token always passes. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description The directory of enterprises cannot be asked. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    followCall: {
        parameters: {
            query: {
                /** @description The enterprise's secret, or the token of a link. */
                token: string;
                /** @description Of pages and workbooks. */
                lang?: "ru" | "en";
            };
            header?: never;
            path: {
                enterprise: string;
                /** @description Any unique id of the call. */
                unique_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A stream that ends some time after the call. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": string;
                };
            };
            /** @description A parameter that cannot be meant. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Wrong or missing token, unknown or switched off enterprise: always the same answer. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description No such call. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description More than 20 wrong tokens a minute from one client; a right token always passes. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description The directory of enterprises cannot be asked. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    getRecording: {
        parameters: {
            query: {
                /** @description The enterprise's secret, or the token of a link. */
                token: string;
                /** @description Of pages and workbooks. */
                lang?: "ru" | "en";
                /** @description Saved rather than played. */
                download?: "1";
            };
            header?: never;
            path: {
                enterprise: string;
                /** @description Any unique id of the call. */
                unique_id: string;
                /** @description From `recordings` of the call. */
                n: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The file. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "audio/*": unknown;
                };
            };
            /** @description The range that was asked for. */
            206: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "audio/*": unknown;
                };
            };
            /** @description It is as it was. */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A parameter that cannot be meant. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Wrong or missing token, unknown or switched off enterprise: always the same answer. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description No such recording, or the call goes on. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description It has changed. */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description No such range. */
            416: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description More than 20 wrong tokens a minute from one client; a right token always passes. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description The directory of enterprises cannot be asked. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    getHealth: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description They can. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Health"];
                };
            };
            /** @description They cannot. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Health"];
                };
            };
        };
    };
    getMetrics: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Its text format. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
        };
    };
    getOpenApi: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OpenAPI 3.1. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
        };
    };
    postStart: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Event"];
            };
        };
        responses: {
            /** @description The event is recorded. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Recorded"];
                };
            };
            /** @description Nothing usable, or a bad field; the message says which and why. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Unknown webhook token. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description The sender's address is not allowed. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description No such path. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Wrong method. */
            405: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description The body has not arrived in time. */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Too large. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description The body is compressed. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description The line could not be written; nothing of it is in the file. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    postDial: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Event"];
            };
        };
        responses: {
            /** @description The event is recorded. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Recorded"];
                };
            };
            /** @description Nothing usable, or a bad field; the message says which and why. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Unknown webhook token. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description The sender's address is not allowed. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description No such path. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Wrong method. */
            405: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description The body has not arrived in time. */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Too large. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description The body is compressed. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description The line could not be written; nothing of it is in the file. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    postBridge: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Event"];
            };
        };
        responses: {
            /** @description The event is recorded. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Recorded"];
                };
            };
            /** @description Nothing usable, or a bad field; the message says which and why. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Unknown webhook token. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description The sender's address is not allowed. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description No such path. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Wrong method. */
            405: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description The body has not arrived in time. */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Too large. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description The body is compressed. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description The line could not be written; nothing of it is in the file. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    postBridgeCreate: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Event"];
            };
        };
        responses: {
            /** @description The event is recorded. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Recorded"];
                };
            };
            /** @description Nothing usable, or a bad field; the message says which and why. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Unknown webhook token. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description The sender's address is not allowed. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description No such path. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Wrong method. */
            405: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description The body has not arrived in time. */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Too large. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description The body is compressed. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description The line could not be written; nothing of it is in the file. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    postBridgeLeave: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Event"];
            };
        };
        responses: {
            /** @description The event is recorded. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Recorded"];
                };
            };
            /** @description Nothing usable, or a bad field; the message says which and why. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Unknown webhook token. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description The sender's address is not allowed. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description No such path. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Wrong method. */
            405: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description The body has not arrived in time. */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Too large. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description The body is compressed. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description The line could not be written; nothing of it is in the file. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    postBridgeDestroy: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Event"];
            };
        };
        responses: {
            /** @description The event is recorded. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Recorded"];
                };
            };
            /** @description Nothing usable, or a bad field; the message says which and why. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Unknown webhook token. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description The sender's address is not allowed. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description No such path. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Wrong method. */
            405: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description The body has not arrived in time. */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Too large. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description The body is compressed. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description The line could not be written; nothing of it is in the file. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    postHangup: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Event"];
            };
        };
        responses: {
            /** @description The event is recorded. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Recorded"];
                };
            };
            /** @description Nothing usable, or a bad field; the message says which and why. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Unknown webhook token. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description The sender's address is not allowed. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description No such path. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Wrong method. */
            405: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description The body has not arrived in time. */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Too large. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description The body is compressed. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description The line could not be written; nothing of it is in the file. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    postNewCallerid: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Event"];
            };
        };
        responses: {
            /** @description The event is recorded. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Recorded"];
                };
            };
            /** @description Nothing usable, or a bad field; the message says which and why. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Unknown webhook token. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description The sender's address is not allowed. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description No such path. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Wrong method. */
            405: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description The body has not arrived in time. */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Too large. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description The body is compressed. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description The line could not be written; nothing of it is in the file. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    postEvent: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                event: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Event"];
            };
        };
        responses: {
            /** @description The event is recorded. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Recorded"];
                };
            };
            /** @description Nothing usable, or a bad field; the message says which and why. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Unknown webhook token. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description The sender's address is not allowed. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description No such path. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Wrong method. */
            405: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description The body has not arrived in time. */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Too large. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description The body is compressed. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description The line could not be written; nothing of it is in the file. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    takeCall: {
        parameters: {
            query?: never;
            header: {
                "webhook-id": string;
                "webhook-timestamp": string;
                "webhook-signature": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["HookBody"];
            };
        };
        responses: {
            /** @description Nothing more is to be sent. */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description It is taken; else it is tried again. */
            "2XX": {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
}
