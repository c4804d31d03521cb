export const word = "beside"
