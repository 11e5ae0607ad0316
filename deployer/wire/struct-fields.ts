// The numbers of google.protobuf.Value's fields, which are its kinds.
export const NULL = 1;
export const NUMBER = 2;
export const STRING = 3;
export const BOOL = 4;
export const STRUCT = 5;
export const LIST = 6;
