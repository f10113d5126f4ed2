// Which file the PBX records a channel to, as a message says: the variable that MixMonitor sets, or what the dialplan runs it
// with. Both, and the CEL file, name one file alike here.
// Source: the pages of MixMonitor and VarSet at docs.asterisk.org; `MixMonitorStart` names no file.

import { unescapeC } from "./block.ts";
import type { Call, Fields } from "./calls-under-way.ts";

/** A longer one is no path of a file that Asterisk has made. */
const MAX_PATH = 1024;
const APPLICATION = /^mixmonitor$/i;
/** Asterisk's own folder of recordings: what lies in it the dialplan names without it. */
const OWN_FOLDER = /^\/.*?\/monitor\/+(?=[^/])/;

/** As the file is called: Asterisk writes `wav49` under another extension. */
const asWritten = (path: string): string =>
  path
    .trim()
    .replace(OWN_FOLDER, "")
    .replace(/\.wav49$/i, ".WAV");

/** The path of the recording that begins, below Asterisk's own folder where it lies there; "" where none does. */
const recordingIn = (event: string, fields: Fields): string => {
  let path = "";
  if (event === "VarSet" && fields.get("Variable") === "MIXMONITOR_FILENAME") {
    path = unescapeC(fields.get("Value") ?? "");
  } else if (event === "Newexten" && APPLICATION.test(fields.get("Application") ?? "")) {
    [path = ""] = (fields.get("AppData") ?? "").split(",");
  }
  return path.length > MAX_PATH ? "" : asWritten(path);
};

/** A call with more recordings is not followed any further. */
const MAX_RECORDINGS = 16;

/** Keeps with the call what the message says of a recording that begins, if anything. */
export const hearRecording = ({ recordings }: Call, event: string, fields: Fields): void => {
  const path = recordingIn(event, fields);
  if (path !== "" && recordings.size < MAX_RECORDINGS) recordings.add(path);
};
