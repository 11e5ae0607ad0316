import type { PostgresAddress } from "./address";
import { connectTo, type Connection, type Timeouts } from "./connection";
import { isLost } from "./failures";

/** The servers of an address, of which one can be written to: another one after a failover. */
export class Servers {
  private first = 0;
  private everFound = false;

  constructor(
    private readonly address: PostgresAddress,
    private readonly timeouts: Timeouts,
  ) {}

  /** Whether the address has ever proved to be one that can be written to. */
  get known(): boolean {
    return this.everFound;
  }

  /** A connection to the server found last, or to the first of the others. */
  async connect(): Promise<Connection> {
    const { hosts } = this.address;
    const failures: unknown[] = [];
    const start = this.first;
    for (let tried = 0; tried < hosts.length; tried++) {
      const at = (start + tried) % hosts.length;
      try {
        const connection = await connectTo(this.address, hosts[at]!, this.timeouts);
        this.first = at;
        this.everFound = true;
        return connection;
      } catch (error) {
        failures.push(error);
      }
    }
    // Of several, what a user can do something about tells more than that another is out of reach.
    throw failures.find((error) => !isLost(error)) ?? failures[0];
  }
}
