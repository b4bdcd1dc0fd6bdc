// A chat client over quic-go, driven by a test: quicgo -port 4433 -name ada -protocol chat/0.
//
// It shares no code with the server: not its QUIC stack (quinn), not its language. It speaks both wires,
// after docs/protocol.md, with the commands and events of original_client.py, and in quicchat/1 also
//
//	{"do": "datagram", "pdu": {...}}   this object as one datagram
//	datagram {pdu}                     one that came
//
// CHAT_HELLO is said by itself, without waiting, unless -no-hello is given; -device and -rooms (JSON) go
// into it. Unlike the original it reads the stream incrementally, so that any cut suits it.
package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/quic-go/quic-go"
)

type object = map[string]any

var printing sync.Mutex

// tell prints one event for the test that started this program.
func tell(event string, fields object) {
	line := object{"event": event}
	for name, value := range fields {
		line[name] = value
	}
	encoded, err := json.Marshal(line)
	if err != nil {
		panic(err)
	}
	printing.Lock()
	defer printing.Unlock()
	os.Stdout.Write(append(encoded, '\n'))
}

type command struct {
	Do     string          `json:"do"`
	Text   string          `json:"text"`
	Seq    *int            `json:"seq"`
	Count  int             `json:"count"`
	Status bool            `json:"status"`
	Room   string          `json:"room"`
	PDU    json.RawMessage `json:"pdu"`
	UTF8   string          `json:"utf8"`
	Hex    string          `json:"hex"`
	Reason string          `json:"reason"`
}

type client struct {
	conn     *quic.Conn
	stream   *quic.Stream
	protocol string
	name     string
	device   string
	rooms    string
	seq      int
}

func pdu(kind string, seq int, fields object) object {
	value := object{"type": kind, "seq": seq, "ts": float64(time.Now().UnixMicro()) / 1e6}
	for name, field := range fields {
		value[name] = field
	}
	return value
}

// encode ends a PDU of quicchat/1 with a newline; chat/0 has no delimiter at all.
func (c *client) encode(value any) ([]byte, error) {
	encoded, err := json.Marshal(value)
	if err == nil && c.protocol != "chat/0" {
		encoded = append(encoded, '\n')
	}
	return encoded, err
}

func (c *client) say(value any) error {
	encoded, err := c.encode(value)
	if err != nil {
		return err
	}
	_, err = c.stream.Write(encoded)
	return err
}

func (c *client) hello() error {
	fields := object{"name": c.name}
	if c.protocol != "chat/0" {
		fields["version"] = 1
	}
	if c.device != "" {
		fields["device"] = c.device
	}
	if c.rooms != "" {
		fields["rooms"] = json.RawMessage(c.rooms)
	}
	return c.say(pdu("CHAT_HELLO", 0, fields))
}

func (c *client) message(text, room string, seq *int) error {
	fields := object{"sender": c.name, "text": text}
	if room != "" {
		fields["room"] = room
	}
	number := 0
	if seq != nil {
		number = *seq
	} else {
		c.seq++
		number = c.seq
	}
	return c.say(pdu("CHAT_MESSAGE", number, fields))
}

func (c *client) obey(order command) error {
	switch order.Do {
	case "send":
		return c.message(order.Text, order.Room, order.Seq)
	case "burst":
		for n := 1; n <= order.Count; n++ {
			if err := c.message(fmt.Sprintf("%s %d", order.Text, n), order.Room, nil); err != nil {
				return err
			}
		}
		return nil
	case "typing":
		fields := object{"who": c.name, "status": order.Status}
		if order.Room != "" {
			fields["room"] = order.Room
		}
		return c.say(pdu("CHAT_TYPING", 0, fields))
	case "hello":
		return c.hello()
	case "pdu":
		return c.say(order.PDU)
	case "datagram":
		return c.conn.SendDatagram(order.PDU)
	case "raw":
		raw := []byte(order.UTF8)
		if order.Hex != "" {
			var err error
			if raw, err = hex.DecodeString(order.Hex); err != nil {
				return err
			}
		}
		_, err := c.stream.Write(raw)
		return err
	case "bye":
		return c.say(pdu("CHAT_BYE", 0, object{"reason": order.Reason}))
	}
	return fmt.Errorf("no such command: %s", order.Do)
}

func (c *client) readStream() {
	// A decoder of JSON takes objects with nothing or a newline between them, so it reads both wires.
	decoder := json.NewDecoder(c.stream)
	for {
		var value object
		err := decoder.Decode(&value)
		if err == nil {
			tell("pdu", object{"pdu": value})
			continue
		}
		if errors.Is(err, io.EOF) {
			tell("stream-ended", nil)
		} else if c.conn.Context().Err() == nil {
			tell("bad-chunk", object{"says": err.Error(), "chunk": ""})
		}
		return
	}
}

func (c *client) readDatagrams() {
	for {
		payload, err := c.conn.ReceiveDatagram(context.Background())
		if err != nil {
			return
		}
		var value object
		if err := json.Unmarshal(payload, &value); err != nil {
			tell("bad-chunk", object{"says": err.Error(), "chunk": string(payload)})
			continue
		}
		tell("datagram", object{"pdu": value})
	}
}

// obeyAll obeys until the end of the input or a `close`, and then closes.
func (c *client) obeyAll() {
	lines := bufio.NewReaderSize(os.Stdin, 1<<20)
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			break
		}
		var order command
		if err := json.Unmarshal(line, &order); err != nil {
			fmt.Fprintln(os.Stderr, "a command is one JSON object a line:", err)
			os.Exit(2)
		}
		if order.Do == "close" {
			break
		}
		if err := c.obey(order); err != nil && c.conn.Context().Err() == nil {
			fmt.Fprintln(os.Stderr, order.Do, "failed:", err)
			os.Exit(2)
		}
	}
	c.conn.CloseWithError(0, "")
}

// closing is why the connection ended, in the fields of the event `closed`.
func closing(cause error) object {
	var application *quic.ApplicationError
	if errors.As(cause, &application) {
		return object{"code": uint64(application.ErrorCode), "reason": application.ErrorMessage}
	}
	return object{"code": -1, "reason": cause.Error()}
}

func main() {
	c := &client{}
	host := flag.String("host", "127.0.0.1", "")
	port := flag.Int("port", 4433, "")
	noHello := flag.Bool("no-hello", false, "leave CHAT_HELLO to the commands")
	flag.StringVar(&c.name, "name", "", "")
	flag.StringVar(&c.protocol, "protocol", "chat/0", "chat/0 or quicchat/1")
	flag.StringVar(&c.device, "device", "", "32 hexadecimal digits")
	flag.StringVar(&c.rooms, "rooms", "", "the JSON of CHAT_HELLO's rooms")
	flag.Parse()

	patience, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	address := fmt.Sprintf("%s:%d", *host, *port)
	trust := &tls.Config{InsecureSkipVerify: true, NextProtos: []string{c.protocol}}
	var err error
	c.conn, err = quic.DialAddr(patience, address, trust, &quic.Config{EnableDatagrams: true})
	if err == nil {
		c.stream, err = c.conn.OpenStreamSync(patience)
	}
	if err != nil {
		tell("failed", object{"says": err.Error()})
		os.Exit(1)
	}
	tell("connected", nil)
	if !*noHello {
		if err := c.hello(); err != nil {
			fmt.Fprintln(os.Stderr, "hello failed:", err)
			os.Exit(2)
		}
	}
	var reading sync.WaitGroup
	reading.Add(1)
	go func() { defer reading.Done(); c.readStream() }()
	go c.readDatagrams()
	go c.obeyAll()
	<-c.conn.Context().Done()
	// What arrived before the close is still told, and `closed` comes last.
	reading.Wait()
	tell("closed", closing(context.Cause(c.conn.Context())))
}
