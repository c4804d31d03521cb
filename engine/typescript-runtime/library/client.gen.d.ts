/** Holds the place of the client, which is generated beside the library for each schema. */
export declare class Client {}
