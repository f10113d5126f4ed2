// Where a bucket is, and what the environment says of the way into it.

export type S3Address = { readonly bucket: string; readonly prefix: string };

/** Keys, region and endpoint by the usual names (`AWS_…`). */
export type S3Environment = { readonly [name: string]: string | undefined };
