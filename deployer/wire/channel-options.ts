/**
 * What gRPC leaves out between processes of one run: its own statistics, and the bookkeeping of retries. A call that
 * wasn't answered isn't made again: nobody knows what it has done.
 */
export const LEAN_CHANNEL = { "grpc.enable_channelz": 0, "grpc.enable_retries": 0 };

export const CHANNEL_OPTIONS = {
  "grpc.max_receive_message_length": -1,
  "grpc.max_send_message_length": -1,
  ...LEAN_CHANNEL,
};

/**
 * A program sends all of its registrations as soon as it can: more than these, each some 40 KiB, wait in its own
 * process, in their order. None that is here waits for one that isn't: a program asks for nothing that depends on an
 * answer still to come.
 */
export const REQUESTS_AT_A_TIME = 256;
