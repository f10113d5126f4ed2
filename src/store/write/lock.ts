// One process at a time: flock(2) on the running file's own descriptor. The kernel lets go when a process dies, so
// there is nothing to clean up, and a folder that is moved takes its lock along.
// A lock says nothing about names: whoever has it must still check that the name leads to the locked file.

import { dlopen, FFIType } from "bun:ffi";

const EXCLUSIVE = 2;
const NON_BLOCKING = 4;
const RELEASE = 8;

const symbols = { flock: { args: [FFIType.i32, FFIType.i32], returns: FFIType.i32 } } as const;

const openLibrary = () => {
  // glibc, macOS, musl (Alpine)
  const names = [
    "libc.so.6",
    "libSystem.B.dylib",
    `libc.musl-${process.arch === "arm64" ? "aarch64" : "x86_64"}.so.1`,
  ];
  let failure: unknown;
  for (const name of names) {
    try {
      return dlopen(name, symbols).symbols;
    } catch (cause) {
      failure = cause;
    }
  }
  throw new Error("cannot find flock in the C library: this system is not supported", {
    cause: failure,
  });
};

const { flock } = openLibrary();

/** Takes the lock of an open file unless somebody else has it. */
export const tryLock = (fd: number): boolean => flock(fd, EXCLUSIVE | NON_BLOCKING) === 0;

/** Lets the lock go; so does closing the descriptor. */
export const unlock = (fd: number): void => {
  flock(fd, RELEASE);
};
