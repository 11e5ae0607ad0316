import { MemoryDiskStore } from "../../../../provider/engine/disks/memory-disk-store";
import { diskStoreContract } from "./disk-store.contract";

diskStoreContract("MemoryDiskStore", (_folder, external) => new MemoryDiskStore(external));
