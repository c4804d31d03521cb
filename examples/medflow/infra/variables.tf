variable "environment" {
  description = "staging or production."
  type        = string

  validation {
    condition     = contains(["staging", "production"], var.environment)
    error_message = "It is staging or production."
  }
}

variable "account" {
  description = "The AWS account of the environment: any other is refused."
  type        = string
}

variable "region" {
  type    = string
  default = "eu-central-1"
}

variable "cidr" {
  description = "The addresses of the network."
  type        = string
}

variable "clients" {
  description = "The hospital's networks, which reach the app through its identity proxy."
  type        = list(string)
}

variable "certificate_arn" {
  description = "The certificate of the load balancer."
  type        = string
}

variable "image_tag" {
  description = "The commit whose images a new task definition starts from. A deployment names them by digest."
  type        = string
  default     = "bootstrap"
}

variable "services" {
  description = "How large each service is; deployments and scaling own the count from then on."
  type = map(object({
    count  = number
    cpu    = number
    memory = number
  }))
}

variable "database" {
  description = "How large the database is, and how long it can be taken back."
  type = object({
    class       = string
    storage     = number
    multi_az    = bool
    backup_days = number
  })
}

variable "log_days" {
  description = "How long logs stay. The audit trail is in the database."
  type        = number
}

variable "alarm_email" {
  description = "Who is told of alarms; null for nobody."
  type        = string
  default     = null
}

variable "state_bucket" {
  description = "The bucket of the state and of deployment leases; see bootstrap."
  type        = string
}

variable "state_key_arn" {
  description = "The key that the bucket is encrypted with."
  type        = string
}

variable "ci" {
  description = "The CI vendors that may deploy, each with its own names; see modules/ci-identities."
  type        = map(map(string))
  default     = {}
}
