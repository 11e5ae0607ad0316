import { AwsKmsKeyVault } from "./aws-kms/aws-kms-key-vault";
import { FolderKeyVault } from "./folder/folder-key-vault";
import type { KeyVault } from "./key-vault";
import { parseKeysUrl } from "./keys-url";
import { Pkcs11KeyVault } from "./pkcs11/pkcs11-key-vault";

/** The vault that a keys' URL names; it is reached at the first use. Throws ViolationError for a wrong URL. */
export function openKeyVault(url: string): KeyVault {
  const location = parseKeysUrl(url);
  switch (location.kind) {
    case "folder":
      return new FolderKeyVault(location.folder);
    case "pkcs11":
      return new Pkcs11KeyVault(location.uri);
    case "awskms":
      return new AwsKmsKeyVault(location);
  }
}
