package training

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func day(t *testing.T, s string) Date {
	t.Helper()
	d, err := ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestDefaultHalfDays(t *testing.T) {
	for _, tt := range []struct {
		what, start, end string
		days             []string
	}{
		{"one day", "2027-03-15", "2027-03-15", []string{"2027-03-15"}},
		{"a week without its weekend", "2027-03-12", "2027-03-16", []string{"2027-03-12", "2027-03-15", "2027-03-16"}},
		{"a weekend alone", "2027-03-13", "2027-03-14", []string{"2027-03-13", "2027-03-14"}},
		{"a Saturday", "2027-03-13", "2027-03-13", []string{"2027-03-13"}},
		{"a Sunday and a Monday", "2027-03-14", "2027-03-15", []string{"2027-03-15"}},
		{"over the end of a leap February", "2028-02-28", "2028-03-01", []string{"2028-02-28", "2028-02-29", "2028-03-01"}},
		// Clocks go forward in the night to the 28th.
		{"over the change to summer time", "2027-03-26", "2027-03-29", []string{"2027-03-26", "2027-03-29"}},
		{"an end before the start", "2027-03-15", "2027-03-14", nil},
	} {
		want := []HalfDay{}
		for _, d := range tt.days {
			want = append(want, HalfDay{d + "/am", "09:00", "12:00"}, HalfDay{d + "/pm", "13:00", "16:00"})
		}
		got := DefaultHalfDays(day(t, tt.start), day(t, tt.end))
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", tt.what, diff)
		}
		if faults := CheckHalfDays(got, day(t, tt.start), day(t, tt.end)); len(faults) > 0 {
			t.Errorf("%s: the default is refused: %v", tt.what, faults)
		}
	}
}

func TestCheckHalfDays(t *testing.T) {
	for _, tt := range []struct {
		what string
		half []HalfDay
		want []string
	}{
		{"none", nil, nil},
		{"first and last, and an evening", []HalfDay{{"2027-03-15/am", "06:00", "06:01"}, {"2027-03-19/pm", "18:00", "23:59"}}, nil},
		{"the day before", []HalfDay{{"2027-03-14/pm", "13:00", "16:00"}}, []string{"half_days invalid.half_day"}},
		{"the day after", []HalfDay{{"2027-03-20/am", "09:00", "12:00"}}, []string{"half_days invalid.half_day"}},
		{"no half", []HalfDay{{"2027-03-15", "09:00", "12:00"}}, []string{"half_days invalid.half_day"}},
		{"a third half", []HalfDay{{"2027-03-15/xm", "09:00", "12:00"}}, []string{"half_days invalid.half_day"}},
		{"too much", []HalfDay{{"2027-03-15/am/am", "09:00", "12:00"}}, []string{"half_days invalid.half_day"}},
		{"capitals", []HalfDay{{"2027-03-15/AM", "09:00", "12:00"}}, []string{"half_days invalid.half_day"}},
		{"no date", []HalfDay{{"2027-02-30/am", "09:00", "12:00"}}, []string{"half_days invalid.half_day"}},
		{"nothing", []HalfDay{{}}, []string{"half_days invalid.half_day"}},
		{"twice", []HalfDay{{"2027-03-15/am", "09:00", "12:00"}, {"2027-03-15/am", "10:00", "12:00"}}, []string{"half_days invalid.duplicate"}},
		{"an end before its start", []HalfDay{{"2027-03-15/am", "12:00", "09:00"}}, []string{"half_days invalid.times"}},
		{"no length", []HalfDay{{"2027-03-15/am", "09:00", "09:00"}}, []string{"half_days invalid.times"}},
		{"no time", []HalfDay{{"2027-03-15/am", "nine", "12:00"}}, []string{"half_days invalid.times"}},
		{"a time that is none", []HalfDay{{"2027-03-15/am", "09:00", "24:00"}}, []string{"half_days invalid.times"}},
		{"two that are wrong", []HalfDay{{"2027-03-15/am", "", ""}, {"2028-03-15/am", "09:00", "12:00"}},
			[]string{"half_days invalid.times", "half_days invalid.half_day"}},
	} {
		got := CheckHalfDays(tt.half, day(t, "2027-03-15"), day(t, "2027-03-19"))
		if diff := cmp.Diff(tt.want, fieldsAndKeys(got)); diff != "" {
			t.Errorf("%s: %s", tt.what, diff)
		}
	}
}

func TestAHalfDayKnowsItsDateAndHalf(t *testing.T) {
	am, pm := HalfDay{Key: "2027-03-15/am"}, HalfDay{Key: "2027-03-15/pm"}
	if am.Date() != day(t, "2027-03-15") || pm.Date() != am.Date() || !am.Morning() || pm.Morning() {
		t.Errorf("%v %v, %v %v", am.Date(), am.Morning(), pm.Date(), pm.Morning())
	}
	if (HalfDay{Key: "someday/am"}).Date() != (Date{}) {
		t.Error("a malformed key has a date")
	}
}

func TestAttendanceAroundTheThreshold(t *testing.T) {
	for _, tt := range []struct {
		attendance Attendance
		threshold  int
		percent    int
		reaches    bool
		atClose    Status
	}{
		{Attendance{8, 10}, 80, 80, true, Completed},
		{Attendance{7, 10}, 80, 70, false, NotCompleted},
		{Attendance{10, 10}, 100, 100, true, Completed},
		{Attendance{9, 10}, 100, 90, false, NotCompleted},
		{Attendance{0, 10}, 80, 0, false, Absent},
		// 79.9…% must never read as 80.
		{Attendance{799, 1000}, 80, 79, false, NotCompleted},
		{Attendance{2, 3}, 67, 66, false, NotCompleted},
		{Attendance{2, 3}, 66, 66, true, Completed},
		{Attendance{1, 10}, 0, 10, true, Completed},
		// A run without half days gives no certificates at all.
		{Attendance{0, 0}, 80, 0, false, Absent},
		{Attendance{0, 0}, 0, 0, false, Absent},
	} {
		if got := tt.attendance.Percent(); got != tt.percent {
			t.Errorf("%+v is %d percent, want %d", tt.attendance, got, tt.percent)
		}
		if got := tt.attendance.Reaches(tt.threshold); got != tt.reaches {
			t.Errorf("%+v reaches %d: %v", tt.attendance, tt.threshold, got)
		}
		if got := ResultAtClose(tt.attendance, tt.threshold); got != tt.atClose {
			t.Errorf("%+v at %d is %s, want %s", tt.attendance, tt.threshold, got, tt.atClose)
		}
	}
}

func TestACertificateNeedsTheResultAndTheAttendance(t *testing.T) {
	enough, tooLittle := Attendance{8, 10}, Attendance{7, 10}
	for _, status := range Statuses() {
		if got := EarnsCertificate(status, enough, 80); got != (status == Completed) {
			t.Errorf("%s with enough: %v", status, got)
		}
		if EarnsCertificate(status, tooLittle, 80) {
			t.Errorf("%s with too little earns a certificate", status)
		}
	}
}
