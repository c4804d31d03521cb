// Package tuist stands in for the interactive terminal toolkit, which the
// package mirror does not carry: the plain progress printers need none of it.
package tuist

import (
	"context"
	"io"
	"time"

	uv "github.com/charmbracelet/ultraviolet"
)

type Context struct {
	context.Context
	Width, Height int
	recycled      *[]string
}

func (c Context) ScreenHeight() int       { return c.Height }
func (c Context) Line(s string)           {}
func (c Context) Lines(s ...string)       {}
func (c Context) Resize(w, h int) Context { c.Width, c.Height = w, h; return c }
func (c Context) SetFocus(Component)      {}

type RenderResult struct{ Lines []string }

type Component interface{ Render(Context) }
type Interactive interface {
	Component
	HandleKeyPress(Context, uv.KeyPressEvent) bool
}
type Focusable interface {
	Component
	SetFocused(Context, bool)
}
type Mounter interface{ OnMount(Context) }
type Dismounter interface{ OnDismount() }
type Hoverable interface{ SetHovered(Context, bool) }
type MouseEnabled interface {
	HandleMouse(Context, MouseEvent) bool
}
type MouseEvent struct {
	uv.MouseEvent
	Row, Col int
}

type Compo struct{}

func (*Compo) Update()                                           {}
func (*Compo) RenderChild(Context, Component)                    {}
func (*Compo) RenderChildResult(Context, Component) RenderResult { return RenderResult{} }
func (*Compo) RenderChildInline(Context, Component) string       { return "" }

type Container struct {
	Compo
	Children []Component
}

func (c *Container) Render(Context)          {}
func (c *Container) AddChild(x Component)    { c.Children = append(c.Children, x) }
func (c *Container) RemoveChild(x Component) {}

type OverlayHandle struct{}

func (*OverlayHandle) Remove() {}

type SizeValue int

func SizeAbs(n int) SizeValue { return SizeValue(n) }

type Anchor int

const AnchorTopRight Anchor = 0

type OverlayMargin struct{ Top, Right, Bottom, Left int }
type OverlayOptions struct {
	Width  SizeValue
	Anchor Anchor
	Margin OverlayMargin
}

type Terminal struct{}

func NewStdTerminal() *Terminal { return &Terminal{} }

type TUI struct{ Container }

func New(*Terminal) *TUI                                            { return &TUI{} }
func (*TUI) Start() error                                           { return nil }
func (*TUI) Stop()                                                  {}
func (*TUI) Dispatch(fn func())                                     { fn() }
func (*TUI) Exec(func(io.Reader, io.Writer, io.Writer) error) error { return nil }
func (*TUI) RenderLines() []string                                  { return nil }
func (*TUI) RequestRender(bool)                                     {}
func (*TUI) SetDebugWriter(io.Writer)                               {}
func (*TUI) SetFocus(Component)                                     {}
func (*TUI) SetShowHardwareCursor(bool)                             {}
func (*TUI) ShowOverlay(Component, *OverlayOptions) *OverlayHandle  { return &OverlayHandle{} }

type Spinner struct {
	Compo
	Epoch time.Time
	Style func(string) string
}

func NewSpinner() *Spinner      { return &Spinner{} }
func (*Spinner) Render(Context) {}

type Completion struct{ Label, Detail, Documentation, Kind, InsertText, DisplayLabel string }
type CompletionResult struct {
	Items       []Completion
	ReplaceFrom int
}
type TextInput struct {
	Compo
	Prompt         string
	OnSubmit       func(Context, string) bool
	KeyInterceptor func(Context, uv.KeyPressEvent) bool
}

func NewTextInput(string) *TextInput { return &TextInput{} }
func (*TextInput) Render(Context)    {}
func (*TextInput) InsertRune(rune)   {}
func (*TextInput) SetValue(string)   {}
func (*TextInput) Value() string     { return "" }

type CompletionMenu struct{ Compo }

func NewCompletionMenu(*TextInput, func(string, int) CompletionResult) *CompletionMenu {
	return &CompletionMenu{}
}
func (*CompletionMenu) HandleKeyPress(Context, uv.KeyPressEvent) bool { return false }
