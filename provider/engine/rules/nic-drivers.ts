import * as say from "../messages";
import type { OsFacts } from "../model";
import { isKnown } from "../requests";
import type { Maybe } from "../requests";
import type { Violation } from "../violation";

/**
 * The first version of each OS that can do it.
 * - nicMultiqueue: the guests that Huawei Cloud's Image Management Service lists for NIC multi-queue on KVM.
 * - sriovDriver: guests whose kernel is 2.6.30 or later, which is where Intel's virtual-function driver (ixgbevf) begins;
 *   of Windows Server, 2008 R2.
 */
const FIRST_VERSIONS: { names: string[]; nicMultiqueue: string; sriovDriver: string }[] = [
  { names: ["Windows Server", "Windows"], nicMultiqueue: "2008", sriovDriver: "2008 R2" },
  { names: ["CentOS"], nicMultiqueue: "6.8", sriovDriver: "6.0" },
  { names: ["Red Hat Enterprise Linux", "RHEL"], nicMultiqueue: "6.8", sriovDriver: "6.0" },
  { names: ["Oracle Linux"], nicMultiqueue: "6.8", sriovDriver: "6.0" },
  { names: ["Rocky Linux", "AlmaLinux"], nicMultiqueue: "8.0", sriovDriver: "8.0" },
  { names: ["Ubuntu"], nicMultiqueue: "14.04", sriovDriver: "10.04" },
  { names: ["Debian"], nicMultiqueue: "8.0", sriovDriver: "6.0" },
  { names: ["Fedora"], nicMultiqueue: "24", sriovDriver: "12" },
  // openSUSE Leap went from 42.3 to 15.0: both are past 13.2, the last before Leap.
  { names: ["openSUSE"], nicMultiqueue: "15.0", sriovDriver: "11.2" },
  {
    names: ["SUSE Linux Enterprise", "SUSE Enterprise", "SLES"],
    nicMultiqueue: "12 SP1",
    sriovDriver: "11 SP1",
  },
  { names: ["EulerOS"], nicMultiqueue: "2.2", sriovDriver: "2.0" },
];

export type NicDriver = "nicMultiqueue" | "sriovDriver";

/** What a network card does for an image depends on the OS that drives it. `described`: the image, in words. */
export function nicDriverRule(
  property: NicDriver,
  wanted: Maybe<boolean> | undefined,
  os: Maybe<OsFacts>,
  described: string,
): Violation[] {
  if (wanted !== true || !isKnown(os)) return [];
  const { osName, osVersion, cpuArchitecture } = os;
  const needed: (keyof OsFacts)[] = ["osName", "osVersion"];
  if (property === "sriovDriver") needed.push("cpuArchitecture");
  const missing = needed.filter((fact) => os[fact] === undefined);
  if (osName === undefined || osVersion === undefined || missing.length > 0) {
    return [say.osFactsMissing(property, described, missing)];
  }
  if (property === "sriovDriver" && cpuArchitecture !== "x86_64") {
    return [say.needsX86(described, String(cpuArchitecture))];
  }
  const first = FIRST_VERSIONS.find(({ names }) => names.some((name) => isNamed(osName, name)));
  if (!first) return [say.osNotListed(property, described, osName, LISTED)];
  if (!isBefore(osVersion, first[property])) return [];
  return [say.osTooOld(property, described, `${osName} ${osVersion}`, first[property])];
}

const LISTED = FIRST_VERSIONS.flatMap(({ names }) => names.slice(0, 1));

function isNamed(osName: string, name: string): boolean {
  return osName.trim().toLowerCase().startsWith(name.toLowerCase());
}

/** "6.9" is before "6.10", "2008" before "2008 R2", "12" before "12 SP1". What says no number is before all that do. */
function isBefore(version: string, first: string): boolean {
  const [major, minor] = numbers(version);
  const [firstMajor, firstMinor] = numbers(first);
  return major < firstMajor || (major === firstMajor && minor < firstMinor);
}

function numbers(version: string): [number, number] {
  const [, major, minor] = /(\d+)(?:(?:\.|\s*SP\s*|\s*R)(\d+))?/i.exec(version) ?? [];
  return [Number(major ?? -1), Number(minor ?? 0)];
}
