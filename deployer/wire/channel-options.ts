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
