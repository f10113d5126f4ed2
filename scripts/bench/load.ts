// The client: wrk, posting a body of about 600 bytes with a new unique id each time.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { isInstalled } from "./machine.ts";

const SCRIPT = `
local id, thread = 0, 0
function setup(t) t:set("thread", thread); thread = thread + 1 end
function init() math.randomseed(thread + os.time()); base = math.random(1, 899999) end
function request()
  id = id + 1
  local uid = (1764400000 + math.floor(id / 4)) .. "." .. (base * 10 + thread)
  return wrk.format("POST", "/hangup", { ["Content-Type"] = "application/json" },
    '{"Token":"375290000001","UniqueId":"' .. uid .. '","Phone":"375291112233","Extensions":["151"],"CallType":1,' ..
    '"DateReceived":"2025-11-30 15:07:28","StartTime":"2025-11-30 15:07:29","EndTime":"2025-11-30 15:07:46",' ..
    '"CallStatus":"2","Trunk":"0001363","BridgeUniqueid":"77c13775-bede-4f37-886b-' .. (100000000000 + id) .. '",' ..
    '"Channel":"PJSIP/151-00000000","CallerIDNum":"151","CallerIDName":"Иван Иванов","ConnectedLineNum":"<unknown>",' ..
    '"ConnectedLineName":"<unknown>","Context":"from-internal","Exten":"375291112233","Pad":"' .. string.rep("x", 60) .. '"}')
end
`;

export type LoadResult = {
  readonly perSecond: number;
  readonly requests: number;
  readonly failures: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
};

const toMs = (text: string | undefined): number => {
  const match = /([\d.]+)(us|ms|s)/.exec(text ?? "");
  const unit = { us: 0.001, ms: 1, s: 1000 }[match?.[2] ?? "ms"] ?? 1;
  return Number(match?.[1]) * unit;
};

/** Posts to a port for some seconds. @throws Error where wrk is not installed. */
export const load = async (
  folder: string,
  port: number,
  seconds: number,
  connections = 32,
): Promise<LoadResult> => {
  if (!isInstalled("wrk")) throw new Error("cannot measure intake: install wrk first");
  const script = join(folder, "post.lua");
  writeFileSync(script, SCRIPT);
  const wrk = Bun.spawn(
    [
      "wrk",
      "-t1",
      `-c${connections}`,
      `-d${seconds}s`,
      "--latency",
      "-s",
      script,
      `http://127.0.0.1:${port}`,
    ],
    { stdout: "pipe", stderr: "inherit" },
  );
  const text = await new Response(wrk.stdout).text();
  return {
    perSecond: Number(/Requests\/sec:\s+([\d.]+)/.exec(text)?.[1]),
    requests: Number(/(\d+) requests in/.exec(text)?.[1]),
    failures: Number(/Non-2xx or 3xx responses: (\d+)/.exec(text)?.[1] ?? 0),
    p50Ms: toMs(/^ +50% +(\S+)/m.exec(text)?.[1]),
    p99Ms: toMs(/^ +99% +(\S+)/m.exec(text)?.[1]),
  };
};
