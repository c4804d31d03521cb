variable "region" {
  type = string
}

variable "tags" {
  description = "Tags of everything"
  type        = map(string)
}

variable "name" {
  description = "The name of the engines, and the value of their tag `dagger-engines`"
  type        = string
  default     = "dagger-engines"
}

variable "vpc" {
  description = "The VPC of engines and runners"
  type        = string
}

variable "subnets" {
  description = "Private subnets that reach registries and AWS by a NAT gateway or endpoints"
  type        = list(string)
}

variable "runners" {
  description = "The security group of the CI runners: nobody else reaches an engine"
  type        = string
}

variable "engines" {
  description = "How many engines there are: docs/scale.md computes it. One engine takes one run at a time on two cores"
  type        = number
  default     = 3
}

variable "instance_type" {
  description = "With an instance store (`d` in its name), caches are on it; else on the volume"
  type        = string
  default     = "m6id.large"
}

variable "architecture" {
  description = "x86_64 or arm64, as the instance type and the image have it"
  type        = string
  default     = "x86_64"
}

variable "cache_gigabytes" {
  description = "The volume of each engine"
  type        = number
  default     = 200
}

variable "image" {
  description = "The engine's image: of the release that the clients have, or what `slipway engine image` made"
  type        = string
  default     = "registry.dagger.io/engine:v0.21.8"
}
