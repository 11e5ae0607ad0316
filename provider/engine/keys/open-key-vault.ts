import { AwsKmsKeyVault } from "./aws-kms/aws-kms-key-vault";
import { FolderKeyVault } from "./folder/folder-key-vault";
import type { KeyVault } from "./key-vault";
import { parseKeysUrl } from "./keys-url";
import { Pkcs11KeyVault } from "./pkcs11/pkcs11-key-vault";

/**
 * The vault that a keys' URL names; it is reached at the first use. `makesFolder`: for whoever sets the region up; others
 * are told that it is missing. Throws ViolationError for a wrong URL.
 */
export function openKeyVault(url: string, { makesFolder = false } = {}): KeyVault {
  const location = parseKeysUrl(url);
  switch (location.kind) {
    case "folder":
      return new FolderKeyVault(location.folder, { makes: makesFolder });
    case "pkcs11":
      return new Pkcs11KeyVault(location.uri);
    case "awskms":
      return new AwsKmsKeyVault(location);
  }
}
