import type { Directory } from "@dagger.io/dagger"
import type { Image } from "../run/images.js"

/** Reads the history of a project. */
export const GIT: Image = { name: "alpine/git", tag: "v2.47.2" }

/** True where a folder with a project's history holds one. */
export const hasHistory = async (history: Directory): Promise<boolean> =>
  (await history.glob(".git/HEAD")).length > 0

/** Returns why a folder holds no history. In a linked working tree and in a submodule, `.git` is a file. */
export const whyNoHistory = async (history: Directory): Promise<string> =>
  (await history.glob(".git")).length > 0
    ? "no git history: it lies outside of this linked worktree or submodule. Run `slipway ci`, which finds it"
    : "no git history"

/** A shell command that has git work on the history in a folder, whoever owns it. */
export const gitIn = (folder: string): string =>
  `export GIT_DIR=${folder}/.git GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=safe.directory GIT_CONFIG_VALUE_0='*'`
