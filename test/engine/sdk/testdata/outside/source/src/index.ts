import { func, object } from "@dagger.io/dagger"
import { word } from "../../beside/word"

@object()
export class Outside {
  @func()
  hello(): string {
    return word
  }
}
