import { mkdtemp, mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { stringify } from "yaml";
import { root } from "./paths";
import { regionOfProject } from "./regions/region-under-test";
import type { TestRegion } from "./regions/test-region";

/** What most programs begin with, so that a test shows only what it is about. */
const PRELUDE = `"use strict";
const pulumi = require("@pulumi/pulumi");
const { Instance, PrivateImage, ImageShare, ImageConversion, ImageReplica, ImageExport, Volume,
  getImage, getImages, getImageOutput, getQuotas } =
  require("pulumi-private-images");
const ubuntu = "img-pub-ubuntu-16-04";
const vm = (name, type = "localDisk", args = {}, opts) =>
  new Instance(name, { imageId: ubuntu, systemDisk: { type, size: 20 }, ...args }, opts);
`;

export interface ProjectFiles {
  /** Body of `index.js`, after the prelude above. */
  program?: string;
  /** What the operator's file says; without it, region `local` with account `default`. */
  region?: string;
  /** Any other file by its path; `index.ts` here in place of `program`. */
  files?: Record<string, string>;
}

/** A Pulumi project in a temporary folder, with its file backend beside it. */
export interface Project {
  readonly dir: string;
  readonly name: string;
  /** Where its program's images are. */
  readonly region: TestRegion;
  /** Further variables of the environment that it is run in. */
  readonly env?: NodeJS.ProcessEnv;
  /** Replaces files of the project. */
  write(files: ProjectFiles): Promise<void>;
  remove(): Promise<void>;
}

export async function makeProject(files: ProjectFiles = {}): Promise<Project> {
  const dir = await mkdtemp(path.join(tmpdir(), "images-program-"));
  const name = "program";
  const typescript = files.files?.["index.ts"] !== undefined;
  const region = await regionOfProject(dir, files.region);
  const put = async ({ program, files: others }: ProjectFiles): Promise<void> => {
    const all: Record<string, string> = { ...others };
    if (program !== undefined) all["index.js"] = PRELUDE + program;
    for (const [file, text] of Object.entries(all)) {
      await mkdir(path.dirname(path.join(dir, file)), { recursive: true });
      await writeFile(path.join(dir, file), text);
    }
  };
  const runtime = { name: "nodejs", options: { typescript } };
  await put({
    files: {
      "Pulumi.yaml": stringify({ name, runtime, config: region.config }),
      "package.json": JSON.stringify({ name, main: typescript ? "index.ts" : "index.js" }),
    },
  });
  // Only what the program uses: the CLI looks for the plugin of each package that it finds here.
  const packages = JSON.stringify(files).includes("@pulumi/random") ? ["pulumi", "random"] : ["pulumi"];
  await mkdir(path.join(dir, "node_modules", "@pulumi"), { recursive: true });
  for (const name of packages.map((name) => `@pulumi/${name}`))
    await symlink(path.join(root, "node_modules", name), path.join(dir, "node_modules", name));
  await symlink(root, path.join(dir, "node_modules", "pulumi-private-images"));
  await put(files);
  return {
    dir,
    name,
    region,
    async write(files) {
      if (files.region !== undefined) await region.apply(files.region);
      await put(files);
    },
    async remove() {
      await region.remove();
      await rm(dir, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** The project as one whose programs are this account, and no other, in a region that it may share with other projects. */
export async function asAccount(project: Project, region: TestRegion, account: string): Promise<Project> {
  const name = `${project.name}-${account}`;
  const { config, env } = await region.as(account);
  const runtime = { name: "nodejs", options: { typescript: false } };
  await project.write({ files: { "Pulumi.yaml": stringify({ name, runtime, config }) } });
  return { ...project, name, region, env: { ...project.env, ...env } };
}
